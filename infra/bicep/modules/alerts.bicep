// What somebody should be woken for, or told in the morning: infra/alerts.json says what and when.
param location string
param tags object
param workspaceId string
param alertEmails array

var rules = loadJsonContent('../../alerts.json')

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ownface-operators'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'ownface'
    enabled: true
    emailReceivers: [for (address, index) in alertEmails: {
      name: 'email-${index}'
      emailAddress: address
      useCommonAlertSchema: true
    }]
  }
}

resource alert 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [for rule in rules: {
  name: 'ownface-${rule.name}'
  location: location
  tags: tags
  properties: {
    displayName: 'ownface-${rule.name}'
    description: rule.description
    severity: rule.severity
    enabled: true
    autoMitigate: true
    skipQueryValidation: true // a table is there only once something was written to it
    evaluationFrequency: rule.frequency
    windowSize: rule.window
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: rule.query
          timeAggregation: 'Count'
          operator: rule.operator
          threshold: rule.threshold
        }
      ]
    }
    actions: {
      actionGroups: [
        people.id
      ]
    }
  }
}]
