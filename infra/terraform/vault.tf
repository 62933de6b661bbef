# API keys and the key ring that seals templates; with customer_managed_keys also the key that storage is encrypted under.
# What is lost from here is lost with every template, so nothing can be purged before its time.
resource "azurerm_key_vault" "vault" {
  #checkov:skip=CKV_AZURE_109: closed with private_network; without it the app has no fixed address to let in
  #checkov:skip=CKV_AZURE_189: closed with private_network; without it the app has no fixed address to let in
  #checkov:skip=CKV2_AZURE_32: there is one with private_network, made in a loop that the check does not follow
  name                          = "kv-${local.token}"
  resource_group_name           = azurerm_resource_group.group.name
  location                      = var.location
  tags                          = local.tags
  tenant_id                     = data.azurerm_client_config.current.tenant_id
  sku_name                      = "standard"
  rbac_authorization_enabled    = true
  soft_delete_retention_days    = 90
  purge_protection_enabled      = true
  public_network_access_enabled = !(var.private_network && length(var.operator_addresses) == 0)

  network_acls {
    bypass         = "AzureServices"
    default_action = var.private_network ? "Deny" : "Allow"
    ip_rules       = var.operator_addresses
  }
}

resource "azurerm_key_vault_key" "storageKey" {
  #checkov:skip=CKV_AZURE_112: keys in an HSM need a premium vault, which is for the owner to pay
  #checkov:skip=CKV_AZURE_40: it is rotated every year; if it expired, nothing stored could be read
  count        = var.customer_managed_keys ? 1 : 0
  name         = "storage"
  key_vault_id = azurerm_key_vault.vault.id
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["wrapKey", "unwrapKey"]

  rotation_policy {
    automatic {
      time_after_creation = "P365D"
    }
  }

  depends_on = [azurerm_role_assignment.deployerKeys]
}

resource "azurerm_monitor_diagnostic_setting" "vaultLogs" {
  name                       = "to-workspace"
  target_resource_id         = azurerm_key_vault.vault.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.workspace.id

  enabled_log {
    category = "AuditEvent"
  }

  enabled_metric {
    category = "AllMetrics"
  }
}
