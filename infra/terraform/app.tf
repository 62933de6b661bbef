# The function app on a Flex Consumption plan, and every setting that it reads.
resource "azurerm_service_plan" "plan" {
  #checkov:skip=CKV_AZURE_225: not every region has zones for this plan
  #checkov:skip=CKV_AZURE_212: always_ready_instances says how many
  name                = "plan-${local.token}"
  resource_group_name = azurerm_resource_group.group.name
  location            = var.location
  tags                = local.tags
  os_type             = "Linux"
  sku_name            = "FC1"
}

resource "azurerm_function_app_flex_consumption" "app" {
  name                = "func-${local.token}"
  resource_group_name = azurerm_resource_group.group.name
  location            = var.location
  tags                = merge(local.tags, { "azd-service-name" = "api", "disclosure-acknowledged" = tostring(var.disclosure_acknowledged) })

  service_plan_id                                = azurerm_service_plan.plan.id
  https_only                                     = true
  public_network_access_enabled                  = !(var.private_network && length(var.allowed_callers) == 0)
  virtual_network_subnet_id                      = var.private_network ? azurerm_subnet.appSubnet[0].id : null
  webdeploy_publish_basic_authentication_enabled = false

  storage_container_type            = "blobContainer"
  storage_container_endpoint        = "${azurerm_storage_account.storage.primary_blob_endpoint}${azurerm_storage_container.packages.name}"
  storage_authentication_type       = "UserAssignedIdentity"
  storage_user_assigned_identity_id = azurerm_user_assigned_identity.app.id

  runtime_name           = "python"
  runtime_version        = var.python_version
  instance_memory_in_mb  = var.instance_memory_mb
  maximum_instance_count = var.maximum_instance_count
  http_concurrency       = var.http_concurrency

  dynamic "always_ready" {
    for_each = var.always_ready_instances > 0 ? [1] : []
    content {
      name           = "http"
      instance_count = var.always_ready_instances
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.app.id]
  }

  key_vault_reference_identity_id = azurerm_user_assigned_identity.app.id

  site_config {
    minimum_tls_version           = "1.2"
    http2_enabled                 = true
    ip_restriction_default_action = length(var.allowed_callers) == 0 ? "Allow" : "Deny"

    dynamic "ip_restriction" {
      for_each = var.allowed_callers
      content {
        name       = "caller-${ip_restriction.key}"
        action     = "Allow"
        priority   = 100 + ip_restriction.key
        ip_address = ip_restriction.value
      }
    }
  }

  # settings.json has PYTHON_THREADPOOL_THREAD_COUNT: each call keeps a thread while it waits for its turn, and 33 more
  # than there are cores may (FACE_INFERENCES_AT_ONCE, FACE_INFERENCES_WAITING). Python's own choice is 4 more than cores.
  app_settings = merge(jsondecode(file("${path.module}/../settings.json")), var.settings, {
    AzureWebJobsStorage__blobServiceUri         = azurerm_storage_account.storage.primary_blob_endpoint
    AzureWebJobsStorage__queueServiceUri        = azurerm_storage_account.storage.primary_queue_endpoint
    AzureWebJobsStorage__tableServiceUri        = azurerm_storage_account.storage.primary_table_endpoint
    AzureWebJobsStorage__credential             = "managedidentity"
    AzureWebJobsStorage__clientId               = azurerm_user_assigned_identity.app.client_id
    APPLICATIONINSIGHTS_CONNECTION_STRING       = azurerm_application_insights.component.connection_string
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING   = "ClientId=${azurerm_user_assigned_identity.app.client_id};Authorization=AAD"
    PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY = "true"
    # Clients of HTTP and of Azure would tell the addresses that they call: names of groups stand in some.
    OTEL_PYTHON_DISABLED_INSTRUMENTATIONS = "azure_sdk,requests,urllib,urllib3,django,fastapi,flask,psycopg2"
    AZURE_TRACING_ENABLED                 = "false"
    FACE_KEY1                             = var.disable_local_auth ? "" : "@Microsoft.KeyVault(SecretUri=${azurerm_key_vault.vault.vault_uri}secrets/face-key1)"
    FACE_KEY2                             = var.disable_local_auth ? "" : "@Microsoft.KeyVault(SecretUri=${azurerm_key_vault.vault.vault_uri}secrets/face-key2)"
    FACE_RECOGNIZER_KEY1                  = var.recognizer_keys ? "@Microsoft.KeyVault(SecretUri=${azurerm_key_vault.vault.vault_uri}secrets/face-recognizer-key1)" : ""
    FACE_RECOGNIZER_KEY2                  = var.recognizer_keys ? "@Microsoft.KeyVault(SecretUri=${azurerm_key_vault.vault.vault_uri}secrets/face-recognizer-key2)" : ""
    FACE_KEY_RING_SECRET                  = "${azurerm_key_vault.vault.vault_uri}secrets/ownface-key-ring"
    FACE_MODELS_CONTAINER                 = var.models_source == "container" ? "models" : ""
    FACE_APPROVED_FEATURES                = join(",", var.approved_features)
    FACE_DISABLE_LOCAL_AUTH               = tostring(var.disable_local_auth)
    FACE_ENTRA_TENANT                     = var.entra_tenant_id
    FACE_ENTRA_AUDIENCES                  = join(",", var.entra_audiences)
    FACE_ENTRA_ASSIGNMENTS                = join(",", var.entra_assignments)
  })

  depends_on = [
    azurerm_role_assignment.appBlobs,
    azurerm_role_assignment.appQueues,
    azurerm_role_assignment.appTables,
    azurerm_role_assignment.appSecrets,
    azurerm_role_assignment.appTelemetry,
  ]
}

resource "azurerm_monitor_diagnostic_setting" "appLogs" {
  name                       = "to-workspace"
  target_resource_id         = azurerm_function_app_flex_consumption.app.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.workspace.id

  enabled_log {
    category = "FunctionAppLogs"
  }

  enabled_metric {
    category = "AllMetrics"
  }
}
