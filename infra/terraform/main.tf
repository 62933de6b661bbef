data "azurerm_client_config" "current" {}

locals {
  # The 13 characters that make names unique, as uniqueString does for Bicep; the two do not give the same ones.
  token = substr(sha1("${var.subscription_id}/${var.environment_name}/${var.location}"), 0, 13)
  tags  = merge(var.tags, { "azd-env-name" = var.environment_name })
}

resource "azurerm_resource_group" "group" {
  name     = "rg-${var.environment_name}"
  location = var.location
  tags     = local.tags
}

resource "azurerm_user_assigned_identity" "app" {
  name                = "id-app-${local.token}"
  resource_group_name = azurerm_resource_group.group.name
  location            = var.location
  tags                = local.tags
}

resource "azurerm_user_assigned_identity" "storage" {
  count               = var.customer_managed_keys ? 1 : 0
  name                = "id-storage-${local.token}"
  resource_group_name = azurerm_resource_group.group.name
  location            = var.location
  tags                = local.tags
}

# What the resource group may cost in a month before somebody is told. Nothing is turned off.
resource "azurerm_consumption_budget_resource_group" "budget" {
  count             = var.budget_amount > 0 ? 1 : 0
  name              = "ownface"
  resource_group_id = azurerm_resource_group.group.id
  amount            = var.budget_amount
  time_grain        = "Monthly"

  time_period {
    start_date = var.budget_start == "" ? formatdate("YYYY-MM-01'T'00:00:00Z", plantimestamp()) : "${var.budget_start}T00:00:00Z"
  }

  notification {
    operator       = "GreaterThan"
    threshold      = 80
    contact_emails = var.alert_emails
    contact_roles  = ["Owner"]
  }

  notification {
    operator       = "GreaterThan"
    threshold      = 100
    contact_emails = var.alert_emails
    contact_roles  = ["Owner"]
  }

  lifecycle {
    ignore_changes = [time_period]
  }
}
