# Ownface on the Azure Functions base image, for those who run it themselves: docs/container.md.
# `python dev.py models package` comes first: it puts the models into models/.
FROM mcr.microsoft.com/azure-functions/python:4-python3.11

# Port 8080, since a user who is not root may not have port 80.
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    ASPNETCORE_URLS=http://+:8080 \
    PYTHON_THREADPOOL_THREAD_COUNT=64

WORKDIR /home/site/wwwroot

COPY requirements.txt constraints.txt ./
RUN pip install --no-cache-dir --requirement requirements.txt \
    && useradd --uid 10001 --no-create-home ownface

COPY host.json function_app.py ./
COPY functions ./functions/
COPY shared ./shared/
COPY models ./models/

USER 10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
