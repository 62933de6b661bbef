# Where logs, traces and metrics go, and the charts that an operator looks at.
resource "azurerm_log_analytics_workspace" "workspace" {
  name                         = "log-${local.token}"
  resource_group_name          = azurerm_resource_group.group.name
  location                     = var.location
  tags                         = local.tags
  sku                          = "PerGB2018"
  retention_in_days            = var.log_retention_days
  local_authentication_enabled = false
}

resource "azurerm_application_insights" "component" {
  name                          = "appi-${local.token}"
  resource_group_name           = azurerm_resource_group.group.name
  location                      = var.location
  tags                          = local.tags
  application_type              = "web"
  workspace_id                  = azurerm_log_analytics_workspace.workspace.id
  local_authentication_disabled = true
  disable_ip_masking            = false
}

resource "azurerm_application_insights_workbook" "workbook" {
  name                = uuidv5("url", "${azurerm_resource_group.group.id}/ownface")
  resource_group_name = azurerm_resource_group.group.name
  location            = var.location
  tags                = local.tags
  display_name        = "Ownface"
  category            = "workbook"
  source_id           = lower(azurerm_application_insights.component.id)
  data_json           = file("${path.module}/../workbook.json")
}

# What somebody should be woken for, or told in the morning: infra/alerts.json says what and when.
locals {
  rules = { for rule in jsondecode(file("${path.module}/../alerts.json")) : rule.name => rule }
}

resource "azurerm_monitor_action_group" "people" {
  name                = "ownface-operators"
  resource_group_name = azurerm_resource_group.group.name
  tags                = local.tags
  short_name          = "ownface"
  enabled             = true

  dynamic "email_receiver" {
    for_each = var.alert_emails
    content {
      name                    = "email-${email_receiver.key}"
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "alert" {
  for_each                = local.rules
  name                    = "ownface-${each.value.name}"
  resource_group_name     = azurerm_resource_group.group.name
  location                = var.location
  tags                    = local.tags
  display_name            = "ownface-${each.value.name}"
  description             = each.value.description
  severity                = each.value.severity
  enabled                 = true
  auto_mitigation_enabled = true
  skip_query_validation   = true # a table is there only once something was written to it
  evaluation_frequency    = each.value.frequency
  window_duration         = each.value.window
  scopes                  = [azurerm_log_analytics_workspace.workspace.id]

  criteria {
    query                   = each.value.query
    time_aggregation_method = "Count"
    operator                = each.value.operator
    threshold               = each.value.threshold
  }

  action {
    action_groups = [azurerm_monitor_action_group.people.id]
  }
}
