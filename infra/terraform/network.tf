# One network: a subnet that the app's instances stand in, and one for the private endpoints.
resource "azurerm_network_security_group" "appRules" {
  count               = var.private_network ? 1 : 0
  name                = "nsg-app-${local.token}"
  resource_group_name = azurerm_resource_group.group.name
  location            = var.location
  tags                = local.tags
}

# Endpoints are reached from inside the network only, over TLS.
resource "azurerm_network_security_group" "endpointRules" {
  count               = var.private_network ? 1 : 0
  name                = "nsg-endpoints-${local.token}"
  resource_group_name = azurerm_resource_group.group.name
  location            = var.location
  tags                = local.tags

  security_rule {
    name                       = "tls-from-the-network"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_address_prefix      = "VirtualNetwork"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "443"
  }

  security_rule {
    name                       = "nothing-else"
    priority                   = 4096
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "*"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }
}

resource "azurerm_virtual_network" "network" {
  count               = var.private_network ? 1 : 0
  name                = "vnet-${local.token}"
  resource_group_name = azurerm_resource_group.group.name
  location            = var.location
  tags                = local.tags
  address_space       = ["10.60.0.0/24"]
}

resource "azurerm_subnet" "appSubnet" {
  count                = var.private_network ? 1 : 0
  name                 = "app"
  resource_group_name  = azurerm_resource_group.group.name
  virtual_network_name = azurerm_virtual_network.network[0].name
  address_prefixes     = ["10.60.0.0/25"]

  delegation {
    name = "flex-consumption"
    service_delegation {
      name = "Microsoft.App/environments"
    }
  }
}

resource "azurerm_subnet_network_security_group_association" "appSubnet" {
  count                     = var.private_network ? 1 : 0
  subnet_id                 = azurerm_subnet.appSubnet[0].id
  network_security_group_id = azurerm_network_security_group.appRules[0].id
}

resource "azurerm_subnet" "endpointsSubnet" {
  count                             = var.private_network ? 1 : 0
  name                              = "endpoints"
  resource_group_name               = azurerm_resource_group.group.name
  virtual_network_name              = azurerm_virtual_network.network[0].name
  address_prefixes                  = ["10.60.0.128/27"]
  private_endpoint_network_policies = "Enabled"
}

resource "azurerm_subnet_network_security_group_association" "endpointsSubnet" {
  count                     = var.private_network ? 1 : 0
  subnet_id                 = azurerm_subnet.endpointsSubnet[0].id
  network_security_group_id = azurerm_network_security_group.endpointRules[0].id
}

# A private endpoint and its DNS zone for each thing that is reached over the network.
locals {
  targets = var.private_network ? {
    blob  = { id = azurerm_storage_account.storage.id, zone = "privatelink.blob.core.windows.net" }
    queue = { id = azurerm_storage_account.storage.id, zone = "privatelink.queue.core.windows.net" }
    table = { id = azurerm_storage_account.storage.id, zone = "privatelink.table.core.windows.net" }
    vault = { id = azurerm_key_vault.vault.id, zone = "privatelink.vaultcore.azure.net" }
    sites = { id = azurerm_function_app_flex_consumption.app.id, zone = "privatelink.azurewebsites.net" }
  } : {}
}

resource "azurerm_private_dns_zone" "zone" {
  for_each            = local.targets
  name                = each.value.zone
  resource_group_name = azurerm_resource_group.group.name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "link" {
  for_each              = local.targets
  name                  = "vnet-${local.token}"
  resource_group_name   = azurerm_resource_group.group.name
  private_dns_zone_name = azurerm_private_dns_zone.zone[each.key].name
  virtual_network_id    = azurerm_virtual_network.network[0].id
  registration_enabled  = false
  tags                  = local.tags
}

resource "azurerm_private_endpoint" "endpoint" {
  for_each            = local.targets
  name                = "pe-${each.key}-${local.token}"
  resource_group_name = azurerm_resource_group.group.name
  location            = var.location
  tags                = local.tags
  subnet_id           = azurerm_subnet.endpointsSubnet[0].id

  private_service_connection {
    name                           = each.key
    private_connection_resource_id = each.value.id
    subresource_names              = [each.key]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "default"
    private_dns_zone_ids = [azurerm_private_dns_zone.zone[each.key].id]
  }
}
