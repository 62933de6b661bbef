// What the resource group may cost in a month before somebody is told. Nothing is turned off.
param amount int
param start string
param emails array

resource budget 'Microsoft.Consumption/budgets@2023-11-01' = {
  name: 'ownface'
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: start
    }
    notifications: {
      nearly: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        contactEmails: emails
        contactRoles: [
          'Owner'
        ]
      }
      reached: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        contactEmails: emails
        contactRoles: [
          'Owner'
        ]
      }
    }
  }
}
