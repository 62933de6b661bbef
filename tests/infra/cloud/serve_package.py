"""A package served by the local host: the app and its libraries come from the package, the host from this checkout.

    python -I -S serve_package.py PACKAGE LIBRARIES-OF-THE-HOST CHECKOUT

Without LIBRARIES and CHECKOUT it only loads the app, so that nothing but the package can help it, and prints the names
of its functions."""

import sys
from pathlib import Path

package, *host = sys.argv[1:]
sys.path[:0] = [str(Path(package) / ".python_packages/lib/site-packages"), package]

from function_app import app  # noqa: E402

if not host:
    from shared.services import current

    current().readiness.check()
    print(*sorted(str(one.get_function_name()) for one in app.get_functions()))
else:
    sys.path += host
    import shared
    from infra.local.host import LocalHost
    from infra.local.host_settings import HostSettings

    assert Path(shared.__file__).is_relative_to(package)
    settings = HostSettings.load(Path(package) / "host.json")
    with LocalHost(app, port=0, settings=settings, triggers=False) as serving:
        print(serving.url, flush=True)
        sys.stdin.read()
