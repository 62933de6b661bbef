// Who the app is, and who storage is towards the vault.
param token string
param location string
param tags object
param customerManagedKeys bool

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-app-${token}'
  location: location
  tags: tags
}

resource storage 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = if (customerManagedKeys) {
  name: 'id-storage-${token}'
  location: location
  tags: tags
}

output appId string = app.id
output appClientId string = app.properties.clientId
output appPrincipalId string = app.properties.principalId
output storageId string = customerManagedKeys ? storage.id : ''
output storagePrincipalId string = customerManagedKeys ? storage!.properties.principalId : ''
