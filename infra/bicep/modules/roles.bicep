// Every role that is given, and to whom. There is no other file that gives one.
param vaultName string
param storageName string = ''
param componentName string = ''
param appPrincipalId string = ''
param deployerPrincipalId string = ''
param deployerPrincipalType string = 'User'
param encryptionPrincipalId string = ''

var ids = {
  'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  'Key Vault Secrets User': '4633458b-17de-408a-b874-0445c86b69e6'
  'Key Vault Secrets Officer': 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
  'Key Vault Crypto Service Encryption User': 'e147488a-f6f5-4113-8e2d-b22465e65bf6'
  'Monitoring Metrics Publisher': '3913510d-42f4-4e42-8a64-420c390055eb'
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: empty(storageName) ? 'none' : storageName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: empty(componentName) ? 'none' : componentName
}

// The Functions host asks for Owner of blobs, not only Contributor, where it has no key.
resource appBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(appPrincipalId)) {
  name: guid(storage.id, appPrincipalId, 'Storage Blob Data Owner')
  scope: storage
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ids['Storage Blob Data Owner'])
  }
}

resource appQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(appPrincipalId)) {
  name: guid(storage.id, appPrincipalId, 'Storage Queue Data Contributor')
  scope: storage
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ids['Storage Queue Data Contributor'])
  }
}

resource appTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(appPrincipalId)) {
  name: guid(storage.id, appPrincipalId, 'Storage Table Data Contributor')
  scope: storage
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ids['Storage Table Data Contributor'])
  }
}

resource appSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(appPrincipalId)) {
  name: guid(vault.id, appPrincipalId, 'Key Vault Secrets User')
  scope: vault
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ids['Key Vault Secrets User'])
  }
}

resource appTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(appPrincipalId)) {
  name: guid(component.id, appPrincipalId, 'Monitoring Metrics Publisher')
  scope: component
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ids['Monitoring Metrics Publisher'])
  }
}

// Who deploys makes the secrets and publishes the models.
resource deployerSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerPrincipalId)) {
  name: guid(vault.id, deployerPrincipalId, 'Key Vault Secrets Officer')
  scope: vault
  properties: {
    principalId: deployerPrincipalId
    principalType: deployerPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ids['Key Vault Secrets Officer'])
  }
}

resource models 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' existing = {
  name: '${empty(storageName) ? 'none' : storageName}/default/models'
}

resource deployerModels 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerPrincipalId)) {
  name: guid(models.id, deployerPrincipalId, 'Storage Blob Data Contributor')
  scope: models
  properties: {
    principalId: deployerPrincipalId
    principalType: deployerPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ids['Storage Blob Data Contributor'])
  }
}

resource storageKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(encryptionPrincipalId)) {
  name: guid(vault.id, encryptionPrincipalId, 'Key Vault Crypto Service Encryption User')
  scope: vault
  properties: {
    principalId: encryptionPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ids['Key Vault Crypto Service Encryption User'])
  }
}
