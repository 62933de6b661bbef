// The function app on a Flex Consumption plan, and every setting that it reads.
param token string
param location string
param tags object
param identityId string
param identityClientId string
param storageName string
param vaultUri string
param componentName string
param workspaceId string
param subnetId string
param privateNetwork bool
param allowedCallers array
param pythonVersion string
param instanceMemoryMB int
param maximumInstanceCount int
param alwaysReadyInstances int
param httpConcurrency int
param modelsSource string
param approvedFeatures array
param disclosureAcknowledged bool
param entraTenantId string
param entraAudiences array
param entraAssignments array
param disableLocalAuth bool
param recognizerKeys bool
param settings object

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  //checkov:skip=CKV_AZURE_225: not every region has zones for this plan
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  //checkov:skip=CKV_AZURE_78: a Flex Consumption plan has no FTP, and the passwords are off below
  //checkov:skip=CKV_AZURE_222: public access is off with privateNetwork; without it the owner chose a public service
  //checkov:skip=CKV_AZURE_17: callers show keys or Entra tokens, as the contract has it
  //checkov:skip=CKV_AZURE_212: alwaysReadyInstances says how many
  //checkov:skip=CKV_AZURE_213: a Flex Consumption plan has no health check to configure
  name: 'func-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'api', 'disclosure-acknowledged': string(disclosureAcknowledged) })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    publicNetworkAccess: privateNetwork && empty(allowedCallers) ? 'Disabled' : 'Enabled'
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}app-package'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: pythonVersion
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances > 0 ? [
          {
            name: 'http'
            instanceCount: alwaysReadyInstances
          }
        ] : []
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      http20Enabled: true
      ipSecurityRestrictionsDefaultAction: empty(allowedCallers) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: [for (range, index) in allowedCallers: {
        name: 'caller-${index}'
        action: 'Allow'
        priority: 100 + index
        ipAddress: range
      }]
    }
  }
}

// Who deploys does so as himself, never with a password of the site.
resource scmPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

resource ftpPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  //checkov:skip=CKV_AZURE_66: these are app settings, not the site's configuration
  //checkov:skip=CKV_AZURE_63: these are app settings, not the site's configuration
  //checkov:skip=CKV_AZURE_222: public access is off with privateNetwork; without it the owner chose a public service
  //checkov:skip=CKV_AZURE_80: these are app settings, and the app is in Python
  //checkov:skip=CKV_AZURE_13: the contract's own authentication is in the app
  //checkov:skip=CKV_AZURE_88: these are app settings, and the app keeps nothing in files
  //checkov:skip=CKV_AZURE_65: these are app settings; details of errors would be shown to callers
  parent: app
  name: 'appsettings'
  // settings.json has PYTHON_THREADPOOL_THREAD_COUNT: each call keeps a thread while it waits for its turn, and 33 more
  // than there are cores may (FACE_INFERENCES_AT_ONCE, FACE_INFERENCES_WAITING). Python's own choice is 4 more than cores.
  properties: union(loadJsonContent('../../settings.json'), settings, {
    AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
    AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
    AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY: 'true'
    // Clients of HTTP and of Azure would tell the addresses that they call: names of groups stand in some.
    OTEL_PYTHON_DISABLED_INSTRUMENTATIONS: 'azure_sdk,requests,urllib,urllib3,django,fastapi,flask,psycopg2'
    AZURE_TRACING_ENABLED: 'false'
    FACE_KEY1: disableLocalAuth ? '' : '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/face-key1)'
    FACE_KEY2: disableLocalAuth ? '' : '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/face-key2)'
    FACE_RECOGNIZER_KEY1: recognizerKeys ? '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/face-recognizer-key1)' : ''
    FACE_RECOGNIZER_KEY2: recognizerKeys ? '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/face-recognizer-key2)' : ''
    FACE_KEY_RING_SECRET: '${vaultUri}secrets/ownface-key-ring'
    FACE_MODELS_CONTAINER: modelsSource == 'container' ? 'models' : ''
    FACE_APPROVED_FEATURES: join(approvedFeatures, ',')
    FACE_DISABLE_LOCAL_AUTH: toLower(string(disableLocalAuth))
    FACE_ENTRA_TENANT: entraTenantId
    FACE_ENTRA_AUDIENCES: join(entraAudiences, ',')
    FACE_ENTRA_ASSIGNMENTS: join(entraAssignments, ',')
  })
}

resource appLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'FunctionAppLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output id string = app.id
output name string = app.name
output endpoint string = 'https://${app.properties.defaultHostName}'
