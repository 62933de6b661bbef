"""Which property in Bicep is which argument in Terraform. What is in neither table fails the comparison."""

_LOGS = {"properties.workspaceId": "log_analytics_workspace_id"}
_METRIC = {"properties.metrics.0.category": "enabled_metric.category"}
_LOG = {"properties.logs.0.category": "enabled_log.category"}
_ROLE = {"properties.principalType": "principal_type"}


def _rule(number: int) -> dict[str, str]:
    words = {
        "priority": "priority",
        "direction": "direction",
        "access": "access",
        "protocol": "protocol",
        "sourceAddressPrefix": "source_address_prefix",
        "sourcePortRange": "source_port_range",
        "destinationAddressPrefix": "destination_address_prefix",
        "destinationPortRange": "destination_port_range",
    }
    rule, block = f"properties.securityRules.{number}", f"security_rule.{number}"
    return {f"{rule}.name": f"{block}.name"} | {
        f"{rule}.properties.{left}": f"{block}.{right}" for left, right in words.items()
    }


_CONFIG = "properties.functionAppConfig"

SAME: dict[str, dict[str, str]] = {
    "main.group": {"name": "name"},
    "identities.app": {"name": "name"},
    "identities.storage": {"name": "name"},
    "budget.budget": {
        "name": "name",
        "properties.amount": "amount",
        "properties.timeGrain": "time_grain",
        "properties.notifications.nearly.operator": "notification.0.operator",
        "properties.notifications.nearly.threshold": "notification.0.threshold",
        "properties.notifications.nearly.contactEmails": "notification.0.contact_emails",
        "properties.notifications.nearly.contactRoles.0": "notification.0.contact_roles.0",
        "properties.notifications.reached.operator": "notification.1.operator",
        "properties.notifications.reached.threshold": "notification.1.threshold",
        "properties.notifications.reached.contactEmails": "notification.1.contact_emails",
        "properties.notifications.reached.contactRoles.0": "notification.1.contact_roles.0",
    },
    "network.appRules": {"name": "name"},
    "network.endpointRules": {"name": "name", **_rule(0), **_rule(1)},
    "network.network": {"name": "name", "properties.addressSpace.addressPrefixes.0": "address_space.0"},
    "network.appSubnet": {
        "name": "name",
        "properties.addressPrefix": "address_prefixes.0",
        "properties.delegations.0.name": "delegation.name",
        "properties.delegations.0.properties.serviceName": "delegation.service_delegation.name",
    },
    "network.endpointsSubnet": {
        "name": "name",
        "properties.addressPrefix": "address_prefixes.0",
        "properties.privateEndpointNetworkPolicies": "private_endpoint_network_policies",
    },
    "endpoints.zone": {"name": "name"},
    "endpoints.link": {"name": "name", "properties.registrationEnabled": "registration_enabled"},
    "endpoints.endpoint": {
        "name": "name",
        "properties.privateLinkServiceConnections.0.name": "private_service_connection.name",
        "properties.privateLinkServiceConnections.0.properties.privateLinkServiceId": (
            "private_service_connection.private_connection_resource_id"
        ),
        "properties.privateLinkServiceConnections.0.properties.groupIds.0": (
            "private_service_connection.subresource_names.0"
        ),
    },
    "vault.vault": {
        "name": "name",
        "properties.sku.name": "sku_name",
        "properties.enableRbacAuthorization": "rbac_authorization_enabled",
        "properties.softDeleteRetentionInDays": "soft_delete_retention_days",
        "properties.enablePurgeProtection": "purge_protection_enabled",
        "properties.publicNetworkAccess": "public_network_access_enabled",
        "properties.networkAcls.bypass": "network_acls.bypass",
        "properties.networkAcls.defaultAction": "network_acls.default_action",
        "properties.networkAcls.ipRules": "network_acls.ip_rules",
    },
    "vault.storageKey": {
        "name": "name",
        "properties.kty": "key_type",
        "properties.keySize": "key_size",
        "properties.keyOps.0": "key_opts.0",
        "properties.keyOps.1": "key_opts.1",
        "properties.rotationPolicy.lifetimeActions.0.trigger.timeAfterCreate": (
            "rotation_policy.automatic.time_after_creation"
        ),
    },
    "vault.vaultLogs": {"name": "name", **_LOGS, **_LOG, **_METRIC},
    "storage.storage": {
        "name": "name",
        "kind": "account_kind",
        "properties.allowSharedKeyAccess": "shared_access_key_enabled",
        "properties.allowBlobPublicAccess": "allow_nested_items_to_be_public",
        "properties.allowCrossTenantReplication": "cross_tenant_replication_enabled",
        "properties.defaultToOAuthAuthentication": "default_to_oauth_authentication",
        "properties.minimumTlsVersion": "min_tls_version",
        "properties.supportsHttpsTrafficOnly": "https_traffic_only_enabled",
        "properties.publicNetworkAccess": "public_network_access_enabled",
        "properties.networkAcls.bypass": "network_rules.bypass.0",
        "properties.networkAcls.defaultAction": "network_rules.default_action",
        "properties.networkAcls.ipRules": "network_rules.ip_rules",
        "properties.encryption.requireInfrastructureEncryption": "infrastructure_encryption_enabled",
        "properties.encryption.services.queue.keyType": "queue_encryption_key_type",
        "properties.encryption.services.table.keyType": "table_encryption_key_type",
        "identity.type": "dynamic.0.identity.content.type",
    },
    "storage.packages": {"name": "name", "properties.publicAccess": "container_access_type"},
    "storage.models": {"name": "name", "properties.publicAccess": "container_access_type"},
    "storage.blobLogs": {"name": "name", **_LOGS, **_LOG, **_METRIC},
    "storage.queueLogs": {"name": "name", **_LOGS, **_METRIC},
    "storage.tableLogs": {"name": "name", **_LOGS, **_METRIC},
    "monitoring.workspace": {
        "name": "name",
        "properties.sku.name": "sku",
        "properties.retentionInDays": "retention_in_days",
        "properties.features.disableLocalAuth": "!local_authentication_enabled",
    },
    "monitoring.component": {
        "name": "name",
        "properties.Application_Type": "application_type",
        "properties.WorkspaceResourceId": "workspace_id",
        "properties.DisableLocalAuth": "local_authentication_disabled",
        "properties.DisableIpMasking": "disable_ip_masking",
    },
    "monitoring.workbook": {"properties.displayName": "display_name", "properties.category": "category"},
    "roles.appBlobs": _ROLE,
    "roles.appQueues": _ROLE,
    "roles.appTables": _ROLE,
    "roles.appSecrets": _ROLE,
    "roles.appTelemetry": _ROLE,
    "roles.deployerSecrets": _ROLE,
    "roles.deployerModels": _ROLE,
    "roles.storageKeys": _ROLE,
    "app.plan": {"name": "name", "sku.name": "sku_name"},
    "app.app": {
        "name": "name",
        "identity.type": "identity.type",
        "tags": "tags",
        "properties.serverFarmId": "service_plan_id",
        "properties.httpsOnly": "https_only",
        "properties.keyVaultReferenceIdentity": "key_vault_reference_identity_id",
        "properties.publicNetworkAccess": "public_network_access_enabled",
        f"{_CONFIG}.deployment.storage.type": "storage_container_type",
        f"{_CONFIG}.deployment.storage.value": "storage_container_endpoint",
        f"{_CONFIG}.deployment.storage.authentication.type": "storage_authentication_type",
        f"{_CONFIG}.deployment.storage.authentication.userAssignedIdentityResourceId": (
            "storage_user_assigned_identity_id"
        ),
        f"{_CONFIG}.runtime.name": "runtime_name",
        f"{_CONFIG}.runtime.version": "runtime_version",
        f"{_CONFIG}.scaleAndConcurrency.instanceMemoryMB": "instance_memory_in_mb",
        f"{_CONFIG}.scaleAndConcurrency.maximumInstanceCount": "maximum_instance_count",
        f"{_CONFIG}.scaleAndConcurrency.triggers.http.perInstanceConcurrency": "http_concurrency",
        f"{_CONFIG}.scaleAndConcurrency.alwaysReady": "dynamic.always_ready.for_each",
        f"{_CONFIG}.scaleAndConcurrency.alwaysReady.0.name": "dynamic.always_ready.content.name",
        f"{_CONFIG}.scaleAndConcurrency.alwaysReady.0.instanceCount": "dynamic.always_ready.content.instance_count",
        "properties.siteConfig.minTlsVersion": "site_config.minimum_tls_version",
        "properties.siteConfig.http20Enabled": "site_config.http2_enabled",
        "properties.siteConfig.ipSecurityRestrictionsDefaultAction": "site_config.ip_restriction_default_action",
        "properties.siteConfig.ipSecurityRestrictions": "site_config.dynamic.ip_restriction.for_each",
        "properties.siteConfig.ipSecurityRestrictions.name": "site_config.dynamic.ip_restriction.content.name",
        "properties.siteConfig.ipSecurityRestrictions.action": "site_config.dynamic.ip_restriction.content.action",
        "properties.siteConfig.ipSecurityRestrictions.priority": "site_config.dynamic.ip_restriction.content.priority",
        "properties.siteConfig.ipSecurityRestrictions.ipAddress": (
            "site_config.dynamic.ip_restriction.content.ip_address"
        ),
    },
    "app.appLogs": {"name": "name", **_LOGS, **_LOG, **_METRIC},
    "alerts.people": {
        "name": "name",
        "properties.groupShortName": "short_name",
        "properties.enabled": "enabled",
        "properties.emailReceivers": "dynamic.email_receiver.for_each",
        "properties.emailReceivers.name": "dynamic.email_receiver.content.name",
        "properties.emailReceivers.emailAddress": "dynamic.email_receiver.content.email_address",
        "properties.emailReceivers.useCommonAlertSchema": "dynamic.email_receiver.content.use_common_alert_schema",
    },
    "alerts.alert": {
        "name": "name",
        "properties.displayName": "display_name",
        "properties.description": "description",
        "properties.severity": "severity",
        "properties.enabled": "enabled",
        "properties.autoMitigate": "auto_mitigation_enabled",
        "properties.skipQueryValidation": "skip_query_validation",
        "properties.evaluationFrequency": "evaluation_frequency",
        "properties.windowSize": "window_duration",
        "properties.scopes.0": "scopes.0",
        "properties.criteria.allOf.0.query": "criteria.query",
        "properties.criteria.allOf.0.timeAggregation": "criteria.time_aggregation_method",
        "properties.criteria.allOf.0.operator": "criteria.operator",
        "properties.criteria.allOf.0.threshold": "criteria.threshold",
        "properties.actions.actionGroups.0": "action.action_groups.0",
    },
}

_LOG_TARGET = (("scope", "properties.logs.0.enabled", "properties.metrics.0.enabled"), ("target_resource_id",))
_ROLE_TARGET = (
    ("name", "scope", "properties.principalId", "properties.roleDefinitionId"),  # test_roles_are_the_same
    ("scope", "principal_id", "role_definition_name"),
)

ELSEWHERE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # What goes without saying in the one language, is compared by a test of its own, or says where a thing belongs.
    "main.group": ((), ()),
    "budget.budget": (
        (
            "properties.category",
            "properties.timePeriod.startDate",
            "properties.notifications.nearly.enabled",
            "properties.notifications.reached.enabled",
        ),
        ("resource_group_id", "time_period.start_date"),
    ),
    "network.appSubnet": (("parent", "properties.networkSecurityGroup.id"), ("virtual_network_name",)),
    "network.endpointsSubnet": (
        ("parent", "properties.networkSecurityGroup.id", "dependsOn.0"),
        ("virtual_network_name",),
    ),
    "endpoints.link": (("parent", "properties.virtualNetwork.id"), ("private_dns_zone_name", "virtual_network_id")),
    "endpoints.endpoint": (
        ("properties.subnet.id",),
        (
            "subnet_id",
            "private_service_connection.is_manual_connection",
            "private_dns_zone_group.name",
            "private_dns_zone_group.private_dns_zone_ids.0",
        ),
    ),
    "vault.vault": (
        # Soft deletion cannot be turned off; Terraform does not even have a word for it.
        (
            "properties.tenantId",
            "properties.sku.family",
            "properties.enableSoftDelete",
            "properties.networkAcls.ipRules.value",
        ),
        ("tenant_id",),
    ),
    "vault.storageKey": (("parent", "properties.rotationPolicy.lifetimeActions.0.action.type"), ("key_vault_id",)),
    "vault.vaultLogs": _LOG_TARGET,
    "storage.storage": (
        (
            "sku.name",  # its two halves are two arguments
            "identity",
            "0.type",
            "identity.userAssignedIdentities.${identityId}",
            "properties.networkAcls.ipRules.value",
            "properties.networkAcls.ipRules.action",
            "properties.encryption.keySource",
            "properties.encryption.identity",
            "properties.encryption.identity.userAssignedIdentity",
            "properties.encryption.} ",
            "properties.encryption.keyvaultproperties",
            "properties.encryption.keyvaultproperties.keyvaulturi",
            "properties.encryption.keyvaultproperties.keyname",
            "properties.encryption.services.blob.keyType",
            "properties.encryption.services.blob.enabled",
            "properties.encryption.services.file.keyType",
            "properties.encryption.services.file.enabled",
            "properties.encryption.services.queue.enabled",
            "properties.encryption.services.table.enabled",
        ),
        (
            "account_tier",
            "account_replication_type",
            "blob_properties.versioning_enabled",
            "dynamic.0.identity.for_each",
            "dynamic.0.identity.content.identity_ids.0",
            "dynamic.1.customer_managed_key.for_each",
            "dynamic.1.customer_managed_key.content.key_vault_key_id",
            "dynamic.1.customer_managed_key.content.user_assigned_identity_id",
        ),
    ),
    "storage.packages": (("parent",), ("storage_account_id",)),
    "storage.models": (("parent",), ("storage_account_id",)),
    "storage.blobLogs": _LOG_TARGET,
    "storage.queueLogs": _LOG_TARGET,
    "storage.tableLogs": _LOG_TARGET,
    "monitoring.component": (("kind",), ()),
    "monitoring.workbook": (
        ("name", "kind", "properties.sourceId", "properties.serializedData"),
        ("name", "source_id", "data_json"),
    ),
    **{
        f"roles.{name}": _ROLE_TARGET
        for name in (
            "appBlobs",
            "appQueues",
            "appTables",
            "appSecrets",
            "appTelemetry",
            "deployerSecrets",
            "deployerModels",
            "storageKeys",
        )
    },
    "app.plan": (("kind", "sku.tier", "properties.reserved"), ("os_type",)),
    "app.app": (
        (
            "kind",
            "properties.clientAffinityEnabled",  # off where Terraform makes it
            "identity.userAssignedIdentities.${identityId}",
            "properties.virtualNetworkSubnetId",
            f"{_CONFIG}.scaleAndConcurrency.0",  # the else of alwaysReady
        ),
        (
            "app_settings",  # test_app_settings_have_the_same_values
            "identity.identity_ids.0",
            "virtual_network_subnet_id",
            "webdeploy_publish_basic_authentication_enabled",
        ),
    ),
    "app.appLogs": _LOG_TARGET,
}
"""Resource -> properties in Bicep and arguments in Terraform that are not compared one with the other."""
