// Where logs, traces and metrics go, and the charts that an operator looks at.
param token string
param location string
param tags object
param logRetentionDays int

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${token}'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: logRetentionDays
    features: {
      disableLocalAuth: true
    }
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
    DisableIpMasking: false
  }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'ownface')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Ownface'
    category: 'workbook'
    sourceId: component.id
    serializedData: loadTextContent('../../workbook.json')
  }
}

output workspaceId string = workspace.id
output componentName string = component.name
