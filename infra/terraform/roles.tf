# Every role that is given, and to whom. There is no other file that gives one.

# The Functions host asks for Owner of blobs, not only Contributor, where it has no key.
resource "azurerm_role_assignment" "appBlobs" {
  scope                = azurerm_storage_account.storage.id
  role_definition_name = "Storage Blob Data Owner"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "appQueues" {
  scope                = azurerm_storage_account.storage.id
  role_definition_name = "Storage Queue Data Contributor"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "appTables" {
  scope                = azurerm_storage_account.storage.id
  role_definition_name = "Storage Table Data Contributor"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "appSecrets" {
  scope                = azurerm_key_vault.vault.id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "appTelemetry" {
  scope                = azurerm_application_insights.component.id
  role_definition_name = "Monitoring Metrics Publisher"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}

# Who deploys makes the secrets and publishes the models.
resource "azurerm_role_assignment" "deployerSecrets" {
  count                = var.principal_id != "" ? 1 : 0
  scope                = azurerm_key_vault.vault.id
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = var.principal_id
  principal_type       = var.principal_type
}

resource "azurerm_role_assignment" "deployerModels" {
  count                = var.principal_id != "" ? 1 : 0
  scope                = azurerm_storage_container.models.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = var.principal_id
  principal_type       = var.principal_type
}

resource "azurerm_role_assignment" "storageKeys" {
  count                = var.customer_managed_keys ? 1 : 0
  scope                = azurerm_key_vault.vault.id
  role_definition_name = "Key Vault Crypto Service Encryption User"
  principal_id         = azurerm_user_assigned_identity.storage[0].principal_id
  principal_type       = "ServicePrincipal"
}

# Terraform makes a key as whoever runs it, where Bicep has the Resource Manager make it.
resource "azurerm_role_assignment" "deployerKeys" {
  count                = var.customer_managed_keys ? 1 : 0
  scope                = azurerm_key_vault.vault.id
  role_definition_name = "Key Vault Crypto Officer"
  principal_id         = data.azurerm_client_config.current.object_id
}
