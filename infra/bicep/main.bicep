// Ownface in a subscription: one resource group with everything in it.
// infra/terraform reaches the same result; tests/infra/cloud compares the two.
targetScope = 'subscription'

@description('Name of this installation; what is made carries it or a hash of it.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Region. It must have the Flex Consumption plan: az functionapp list-flexconsumption-locations.')
param location string

@description('Of identification, verification and liveness, those that the owner has approved; what is not named answers 403. Detect needs none.')
param approvedFeatures array

@description('true: the people whose faces are processed are told so and, where the law asks for it, have agreed. Nothing is deployed without.')
@allowed([
  true
])
param disclosureAcknowledged bool

@description('Object id of who deploys, to make secrets and publish models. Empty: nobody gets these roles.')
param principalId string = ''

@description('What principalId is.')
@allowed([
  'User'
  'Group'
  'ServicePrincipal'
])
param principalType string = 'User'

@description('Python of the app.')
@allowed([
  '3.11'
  '3.12'
  '3.13'
])
param pythonVersion string = '3.11'

@description('Memory of an instance.')
@allowed([
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('Most instances at once.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances that always run, so that no caller waits for a start. 0: none, and nothing is paid while nobody calls.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('HTTP calls that one instance works on at once before another one is started.')
@minValue(1)
@maxValue(100)
param httpConcurrency int = 8

@description('Where models come from: the Blob container that `dev.py models publish` fills, or the package that `dev.py models package` puts them in.')
@allowed([
  'container'
  'package'
])
param modelsSource string = 'container'

@description('true: a virtual network, private endpoints, and public access to app, storage and vault off, but for the addresses below.')
param privateNetwork bool = false

@description('Address ranges (CIDR) that may call the app from the internet. Empty: all, or none with privateNetwork.')
param allowedCallers array = []

@description('Addresses or ranges that may reach storage and vault from the internet with privateNetwork: those of who makes secrets and publishes models.')
param operatorAddresses array = []

@description('true: storage is encrypted under a key of the vault. It cannot be turned off again without a new account.')
param customerManagedKeys bool = false

@description('Copies that storage keeps. LRS: three in a datacentre; ZRS: in three zones; the geo ones: in another region too.')
@allowed([
  'LRS'
  'ZRS'
  'GRS'
  'GZRS'
])
param storageRedundancy string = 'LRS'

@description('Entra tenant whose access tokens count. Empty: keys only.')
param entraTenantId string = ''

@description('Audiences of those tokens: the app registration\'s client id and application id URI.')
param entraAudiences array = []

@description('Who has which role beside the app roles in tokens: OBJECT-ID=ROLE.')
param entraAssignments array = []

@description('true: keys are refused, and only Entra tokens count.')
param disableLocalAuth bool = false

@description('true: two more keys in the vault, whose holders may compare faces and not enrol.')
param recognizerKeys bool = false

@description('Settings of docs/settings.md that are to differ from infra/settings.json.')
param settings object = {}

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Who is told of alerts.')
param alertEmails array = []

@description('Monthly budget of the resource group in the subscription\'s currency; alertEmails are told at 80 and 100 %. 0: none.')
param budgetAmount int = 0

@description('First day of the month in which the budget begins, yyyy-MM-01.')
param budgetStart string = utcNow('yyyy-MM-01')

@description('Tags of everything.')
param tags object = {}

var token = toLower(uniqueString(subscription().id, environmentName, location))
var allTags = union(tags, { 'azd-env-name': environmentName })

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: allTags
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    customerManagedKeys: customerManagedKeys
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    logRetentionDays: logRetentionDays
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    privateNetwork: privateNetwork
    operatorAddresses: operatorAddresses
    customerManagedKeys: customerManagedKeys
    workspaceId: monitoring.outputs.workspaceId
  }
}

// Before the storage account: it is made with a key that it must be able to use.
module encryptionRoles 'modules/roles.bicep' = if (customerManagedKeys) {
  name: 'encryptionRoles'
  scope: group
  params: {
    vaultName: vault.outputs.name
    encryptionPrincipalId: identities.outputs.storagePrincipalId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    redundancy: storageRedundancy
    privateNetwork: privateNetwork
    operatorAddresses: operatorAddresses
    customerManagedKeys: customerManagedKeys
    vaultUri: vault.outputs.uri
    identityId: identities.outputs.storageId
    workspaceId: monitoring.outputs.workspaceId
  }
  dependsOn: [
    encryptionRoles
  ]
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    vaultName: vault.outputs.name
    storageName: storage.outputs.name
    componentName: monitoring.outputs.componentName
    appPrincipalId: identities.outputs.appPrincipalId
    deployerPrincipalId: principalId
    deployerPrincipalType: principalType
  }
}

module endpoints 'modules/endpoints.bicep' = if (privateNetwork) {
  name: 'endpoints'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    networkId: privateNetwork ? network!.outputs.networkId : ''
    subnetId: privateNetwork ? network!.outputs.endpointsSubnetId : ''
    storageId: storage.outputs.id
    vaultId: vault.outputs.id
    appId: app.outputs.id
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    identityId: identities.outputs.appId
    identityClientId: identities.outputs.appClientId
    storageName: storage.outputs.name
    vaultUri: vault.outputs.uri
    componentName: monitoring.outputs.componentName
    workspaceId: monitoring.outputs.workspaceId
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    privateNetwork: privateNetwork
    allowedCallers: allowedCallers
    pythonVersion: pythonVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    httpConcurrency: httpConcurrency
    modelsSource: modelsSource
    approvedFeatures: approvedFeatures
    disclosureAcknowledged: disclosureAcknowledged
    entraTenantId: entraTenantId
    entraAudiences: entraAudiences
    entraAssignments: entraAssignments
    disableLocalAuth: disableLocalAuth
    recognizerKeys: recognizerKeys
    settings: settings
  }
  dependsOn: [
    roles
  ]
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: allTags
    workspaceId: monitoring.outputs.workspaceId
    alertEmails: alertEmails
  }
}

module budget 'modules/budget.bicep' = if (budgetAmount > 0) {
  name: 'budget'
  scope: group
  params: {
    amount: budgetAmount
    start: budgetStart
    emails: alertEmails
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_NAME string = app.outputs.name
output AZURE_KEY_VAULT_NAME string = vault.outputs.name
output AZURE_STORAGE_BLOB_ENDPOINT string = storage.outputs.blobEndpoint
output FACE_ENDPOINT string = app.outputs.endpoint
