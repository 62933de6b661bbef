output "AZURE_RESOURCE_GROUP" {
  value = azurerm_resource_group.group.name
}

output "AZURE_FUNCTION_NAME" {
  value = azurerm_function_app_flex_consumption.app.name
}

output "AZURE_KEY_VAULT_NAME" {
  value = azurerm_key_vault.vault.name
}

output "AZURE_STORAGE_BLOB_ENDPOINT" {
  value = azurerm_storage_account.storage.primary_blob_endpoint
}

output "FACE_ENDPOINT" {
  value = "https://${azurerm_function_app_flex_consumption.app.default_hostname}"
}
