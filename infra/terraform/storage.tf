# Everything that is kept: tables, blobs and queues of the app, the host's own state, the code, the models.
# No key and no signature opens it. Queues and tables are encrypted as the account is, so that a key of one's own covers
# them too. Nothing that was deleted is kept: a template that was erased must be gone, not recoverable for another week;
# so there is no retention policy for deleted blobs or containers.
resource "azurerm_storage_account" "storage" {
  #checkov:skip=CKV_AZURE_59: closed with private_network; without it the app has no fixed address to let in, and no key opens the account
  #checkov:skip=CKV_AZURE_35: closed with private_network; without it the app has no fixed address to let in, and no key opens the account
  #checkov:skip=CKV_AZURE_206: whether faces are copied into another region is for the owner to say: storage_redundancy
  #checkov:skip=CKV_AZURE_33: logs of queue calls would tell nothing; those of the service are in its metrics
  #checkov:skip=CKV2_AZURE_38: what was erased must be gone, not recoverable for days
  #checkov:skip=CKV2_AZURE_33: there is one with private_network, made in a loop that the check does not follow
  name                              = "st${local.token}"
  resource_group_name               = azurerm_resource_group.group.name
  location                          = var.location
  tags                              = local.tags
  account_kind                      = "StorageV2"
  account_tier                      = "Standard"
  account_replication_type          = var.storage_redundancy
  shared_access_key_enabled         = false
  allow_nested_items_to_be_public   = false
  cross_tenant_replication_enabled  = false
  default_to_oauth_authentication   = true
  min_tls_version                   = "TLS1_2"
  https_traffic_only_enabled        = true
  public_network_access_enabled     = !(var.private_network && length(var.operator_addresses) == 0)
  infrastructure_encryption_enabled = true
  queue_encryption_key_type         = "Account"
  table_encryption_key_type         = "Account"

  network_rules {
    bypass         = ["AzureServices"]
    default_action = var.private_network ? "Deny" : "Allow"
    ip_rules       = var.operator_addresses
  }

  blob_properties {
    versioning_enabled = false
  }

  dynamic "identity" {
    for_each = var.customer_managed_keys ? [1] : []
    content {
      type         = "UserAssigned"
      identity_ids = [azurerm_user_assigned_identity.storage[0].id]
    }
  }

  dynamic "customer_managed_key" {
    for_each = var.customer_managed_keys ? [1] : []
    content {
      key_vault_key_id          = azurerm_key_vault_key.storageKey[0].versionless_id
      user_assigned_identity_id = azurerm_user_assigned_identity.storage[0].id
    }
  }

  depends_on = [azurerm_role_assignment.storageKeys]
}

resource "azurerm_storage_container" "packages" {
  #checkov:skip=CKV2_AZURE_21: a log line for each read would name every person who is compared
  name                  = "app-package"
  storage_account_id    = azurerm_storage_account.storage.id
  container_access_type = "private"
}

resource "azurerm_storage_container" "models" {
  #checkov:skip=CKV2_AZURE_21: a log line for each read would name every person who is compared
  name                  = "models"
  storage_account_id    = azurerm_storage_account.storage.id
  container_access_type = "private"
}

resource "azurerm_monitor_diagnostic_setting" "blobLogs" {
  name                       = "to-workspace"
  target_resource_id         = "${azurerm_storage_account.storage.id}/blobServices/default"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.workspace.id

  enabled_log {
    category = "StorageDelete"
  }

  enabled_metric {
    category = "Transaction"
  }
}

resource "azurerm_monitor_diagnostic_setting" "queueLogs" {
  name                       = "to-workspace"
  target_resource_id         = "${azurerm_storage_account.storage.id}/queueServices/default"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.workspace.id

  enabled_metric {
    category = "Transaction"
  }
}

resource "azurerm_monitor_diagnostic_setting" "tableLogs" {
  name                       = "to-workspace"
  target_resource_id         = "${azurerm_storage_account.storage.id}/tableServices/default"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.workspace.id

  enabled_metric {
    category = "Transaction"
  }
}
