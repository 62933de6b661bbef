"""Bicep and Terraform describe the same: resource by resource, and in every setting that matters."""

import re
from pathlib import Path

import pytest
from pycep import BicepParser

from tests.infra.cloud import bicep, terraform
from tests.infra.cloud.bicep import ROOT
from tests.infra.cloud.same import ELSEWHERE, SAME

KINDS = {
    "Microsoft.Resources/resourceGroups": "azurerm_resource_group",
    "Microsoft.ManagedIdentity/userAssignedIdentities": "azurerm_user_assigned_identity",
    "Microsoft.Network/networkSecurityGroups": "azurerm_network_security_group",
    "Microsoft.Network/virtualNetworks": "azurerm_virtual_network",
    "Microsoft.Network/virtualNetworks/subnets": "azurerm_subnet",
    "Microsoft.Network/privateDnsZones": "azurerm_private_dns_zone",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": "azurerm_private_dns_zone_virtual_network_link",
    "Microsoft.Network/privateEndpoints": "azurerm_private_endpoint",
    "Microsoft.KeyVault/vaults": "azurerm_key_vault",
    "Microsoft.KeyVault/vaults/keys": "azurerm_key_vault_key",
    "Microsoft.Storage/storageAccounts": "azurerm_storage_account",
    "Microsoft.Storage/storageAccounts/blobServices/containers": "azurerm_storage_container",
    "Microsoft.OperationalInsights/workspaces": "azurerm_log_analytics_workspace",
    "Microsoft.Insights/components": "azurerm_application_insights",
    "Microsoft.Insights/workbooks": "azurerm_application_insights_workbook",
    "Microsoft.Insights/diagnosticSettings": "azurerm_monitor_diagnostic_setting",
    "Microsoft.Insights/actionGroups": "azurerm_monitor_action_group",
    "Microsoft.Insights/scheduledQueryRules": "azurerm_monitor_scheduled_query_rules_alert_v2",
    "Microsoft.Authorization/roleAssignments": "azurerm_role_assignment",
    "Microsoft.Web/serverfarms": "azurerm_service_plan",
    "Microsoft.Web/sites": "azurerm_function_app_flex_consumption",
    "Microsoft.Consumption/budgets": "azurerm_consumption_budget_resource_group",
}

IN_ANOTHER = {
    "storage.blobs": "azurerm_storage_account.storage: blob_properties",
    "storage.queues": "azurerm_storage_account.storage",
    "storage.tables": "azurerm_storage_account.storage",
    "app.appSettings": "azurerm_function_app_flex_consumption.app: app_settings",
    "app.scmPasswords": "azurerm_function_app_flex_consumption.app: webdeploy_publish_basic_authentication_enabled",
    "app.ftpPasswords": "the same",
    "endpoints.zoneGroup": "azurerm_private_endpoint.endpoint: private_dns_zone_group",
}
"""What has no resource of its own in Terraform, and where it stands there."""

TERRAFORM_ONLY = {
    "azurerm_subnet_network_security_group_association.appSubnet": "a property of the subnet in Bicep",
    "azurerm_subnet_network_security_group_association.endpointsSubnet": "a property of the subnet in Bicep",
    "azurerm_role_assignment.deployerKeys": "the Resource Manager makes the key for Bicep",
}


def counterparts() -> dict[str, str]:
    """Bicep's resources and their names in Terraform."""
    return {key: f"{KINDS[one.kind]}.{one.name}" for key, one in bicep.resources().items() if key not in IN_ANOTHER}


@pytest.mark.parametrize("path", bicep.FILES, ids=lambda path: path.stem)
def test_every_bicep_file_parses_and_the_reader_sees_each_of_its_resources(path: Path) -> None:
    parsed = BicepParser().parse(text=path.read_text())
    made = {name for name, one in parsed.get("resources", {}).items() if not one["existing"]}
    assert made == {one.name for one in bicep.resources().values() if one.file == path.stem}


def test_both_have_the_same_resources() -> None:
    assert set(counterparts().values()) == terraform.resources().keys() - TERRAFORM_ONLY.keys()
    assert bicep.resources().keys() >= IN_ANOTHER.keys()


CONDITIONS = {
    "privateNetwork": "var.private_network",
    "customerManagedKeys": "var.customer_managed_keys",
    "budgetAmount > 0": "var.budget_amount > 0",
    "!empty(deployerPrincipalId)": 'var.principal_id != ""',
}


def module_conditions() -> dict[str, str]:
    """Of the modules of main.bicep, by file; that of roles stands for its second use."""
    text = (bicep.FOLDER / "main.bicep").read_text()
    found = re.findall(r"^module (\w+) 'modules/(\w+).bicep' = (?:if \((.+)\) )?{$", text, re.MULTILINE)
    return {file: condition for name, file, condition in found if name != "encryptionRoles"}


def test_resources_are_made_on_the_same_conditions() -> None:
    for key, name in counterparts().items():
        one, other = bicep.resources()[key], terraform.resources()[name]
        condition = one.condition or module_conditions().get(one.file, "")
        if one.file == "roles":
            condition = {"!empty(appPrincipalId)": "", "!empty(encryptionPrincipalId)": "customerManagedKeys"}.get(
                condition, condition
            )
        if one.repeated:
            assert other.repeated, name
        else:
            assert CONDITIONS.get(condition, condition) == other.condition, name


def test_roles_are_the_same_and_stand_in_one_file_of_each() -> None:
    given = [one for one in bicep.resources().values() if one.kind.endswith("roleAssignments")]
    assert {one.file for one in given} == {"roles"}
    taken = [one for one in terraform.resources().values() if one.kind == "azurerm_role_assignment"]
    assert {one.file for one in taken} == {"roles"}
    for one in given:
        other = terraform.resources()[f"azurerm_role_assignment.{one.name}"].values
        found = re.search(r"ids\['(.+)'\]", one.values["properties.roleDefinitionId"])
        assert found
        assert f'"{found[1]}"' == other["role_definition_name"]
        assert found[1] in one.values["name"]  # else two of them could get one name
        assert WHERE[one.values["scope"]] == other["scope"]
        assert WHOM[one.values["properties.principalId"]] == other["principal_id"]


WHERE = {
    "storage": "azurerm_storage_account.storage.id",
    "vault": "azurerm_key_vault.vault.id",
    "component": "azurerm_application_insights.component.id",
    "models": "azurerm_storage_container.models.id",
}
WHOM = {
    "appPrincipalId": "azurerm_user_assigned_identity.app.principal_id",
    "deployerPrincipalId": "var.principal_id",
    "encryptionPrincipalId": "azurerm_user_assigned_identity.storage[0].principal_id",
}


def test_parameters_are_the_same_with_the_same_defaults_and_bounds() -> None:
    ours, theirs = bicep.parameters(), terraform.variables()
    assert {snake(name) for name in ours} == theirs.keys() - {"subscription_id"}
    for name, parameter in ours.items():
        other = theirs[snake(name)]
        default = other.get("default")
        if name != "budgetStart":  # this month's, which each says in its own way
            assert literal(parameter.default) == (None if default is None else literal(str(default))), name
        condition = "".join(str(one["condition"]) for one in other.get("validation", []))
        for value in (*parameter.allowed, parameter.low, parameter.high):
            assert value in condition, name
        assert bool(condition) == bool(parameter.allowed or parameter.low), name


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z]+)", lambda found: f"_{found[1].lower()}", name)


def literal(text: str | None) -> str | None:
    """Of either language in one form."""
    return text if text is None else text.replace("'", '"').lower().removesuffix(".0")


WORDS = {"'None'": '"private"'}
RENAMED = {"amount": "budgetAmount", "emails": "alertEmails", "deployerPrincipalType": "principalType"}
"""What parameters of modules are called in main.bicep."""


@pytest.mark.parametrize("key", SAME)
def test_settings_are_the_same(key: str) -> None:
    ours, theirs = bicep.resources()[key].values, terraform.resources()[counterparts()[key]].values
    for left, right in SAME[key].items():
        text = theirs[right.removeprefix("!")]
        if right.startswith("!"):
            text = {"true": "false", "false": "true"}[text]
        assert canonical(ours[left]) == canonical(text), f"{left}: {ours[left]} is not {text}"


@pytest.mark.parametrize("key", SAME)
def test_every_property_is_compared_or_named_as_one_that_cannot_be(key: str) -> None:
    compared = SAME[key]
    ours, theirs = ELSEWHERE.get(key, ((), ()))
    left = set(bicep.resources()[key].values) - compared.keys() - set(ours)
    opened = {path for path in left if bicep.resources()[key].values[path] in {"{", "["}}
    assert left - opened - {"location", "tags"} == set()
    right = set(terraform.resources()[counterparts()[key]].values) - {one.lstrip("!") for one in compared.values()}
    right -= {*theirs, "location", "resource_group_name", "tags", "for_each"}
    assert {path for path in right if not path.startswith(("depends_on", "lifecycle"))} == set()


def test_the_tables_of_comparison_name_every_resource() -> None:
    assert SAME.keys() == counterparts().keys()
    assert ELSEWHERE.keys() <= SAME.keys()


REWRITES: tuple[tuple[str, str], ...] = (
    (r"privateNetwork && empty\((\w+)\) \? 'Disabled' : 'Enabled'", r"!(privateNetwork && empty(\1))"),
    (r"\[for (?:\w+|\(\w+, \w+\)) in (\w+): {", r"\1"),
    (r"(\w+ > 0) \? \[$", r"\1 ? [1] : []"),
    (r"empty\((\w+)\)", r"length(\1) == 0"),
    (r"'\${storage.properties.primaryEndpoints.blob}app-package'", "PACKAGES"),
    (
        r'"\${azurerm_storage_account.storage.primary_blob_endpoint}\${azurerm_storage_container.packages.name}"',
        "PACKAGES",
    ),
    (r"azurerm_user_assigned_identity\.app\.id", "identityId"),
    (r"azurerm_service_plan\.plan\.id", "plan.id"),
    (r"azurerm_monitor_action_group\.people\.id", "people.id"),
    (r"azurerm_log_analytics_workspace\.workspace\.id", "workspaceId"),
    (r"\bworkspace\.id", "workspaceId"),
    (r"merge\(local\.tags, {", "union(tags, {"),
    (r"tostring\(", "string("),
    (r"each\.value\.zone|target\.zone", "ZONE"),
    (r"each\.value\.id|target\.id", "TARGET"),
    (r"each\.key|target\.group", "GROUP"),
    (r"each\.value\.", "rule."),
    (r"(?:email_receiver|ip_restriction)\.key", "index"),
    (r"(?:email_receiver|ip_restriction)\.value|\baddress\b|\brange\b", "ITEM"),
    (r"var\.(\w+)", r"\1"),
    (r"local\.token", "token"),
)


def canonical(text: str) -> str:
    """One form for what either language says."""
    for pattern, form in REWRITES:
        text = re.sub(pattern, form, text)
    text = (
        RENAMED.get(text, WORDS.get(text, text))
        .replace("'", '"')
        .replace('" = ', '": ')
        .replace("{ ", "{")
        .replace(" }", "}")
    )
    return re.sub(r"\b[a-z]+(?:[A-Z]+[a-z]*)+\b", lambda found: snake(found[0]), text)


def test_app_settings_have_the_same_values() -> None:
    ours = bicep_app_settings()
    theirs = terraform_app_settings()
    assert ours.keys() == theirs.keys()
    for name, text in ours.items():
        assert setting(text) == setting(theirs[name]), name


def bicep_app_settings() -> dict[str, str]:
    text = (bicep.FOLDER / "modules/app.bicep").read_text()
    start = text.index("properties: union(loadJsonContent(")
    return dict(re.findall(r"^    (\w+): (.+)$", text[start : text.index("\n  })", start)], re.MULTILINE))


def terraform_app_settings() -> dict[str, str]:
    text = (terraform.FOLDER / "app.tf").read_text()
    start = text.index("app_settings = merge(")
    return dict(re.findall(r"^    (\w+) += (.+)$", text[start : text.index("\n  })", start)], re.MULTILINE))


SETTING = (
    (r"storage\.properties\.primaryEndpoints\.(\w+)", r"azurerm_storage_account.storage.primary_\1_endpoint"),
    (r"component\.properties\.ConnectionString", "azurerm_application_insights.component.connection_string"),
    (r"\bidentityClientId\b", "azurerm_user_assigned_identity.app.client_id"),
    (r"\bvaultUri\b", "azurerm_key_vault.vault.vault_uri"),
    (r"join\((\w+), (','|\",\")\)", r'join(",", \1)'),
    (r"toLower\(string\((\w+)\)\)", r"tostring(\1)"),
    (r"var\.(\w+)", r"\1"),
)


def setting(text: str) -> str:
    for pattern, form in SETTING:
        text = re.sub(pattern, form, text)
    return re.sub(r"\b[a-z]+(?:[A-Z]+[a-z]*)+\b", lambda found: snake(found[0]), text.replace("'", '"'))


def test_private_endpoints_and_their_zones_are_the_same() -> None:
    suffix = "core.windows.net"
    text = (bicep.FOLDER / "modules/endpoints.bicep").read_text().replace("${environment().suffixes.storage}", suffix)
    ours = dict(re.findall(r"group: '(\w+)'\n.*\n +zone: '([\w.]+)'", text))
    text = (terraform.FOLDER / "network.tf").read_text()
    theirs = dict(re.findall(r'^    (\w+) += { id = .*zone = "([\w.]+)" }', text, re.MULTILINE))
    assert ours == theirs
    assert set(ours) == {"blob", "queue", "table", "vault", "sites"}


def test_outputs_are_the_same() -> None:
    ours = re.findall(r"^output (\w+) ", (bicep.FOLDER / "main.bicep").read_text(), re.MULTILINE)
    theirs = [name.strip('"') for block in terraform.documents()["outputs"]["output"] for name in block]
    assert sorted(ours) == sorted(theirs)


def test_azd_is_told_what_its_hooks_and_its_service_need() -> None:
    azd = (ROOT / "azure.yaml").read_text()
    outputs = re.findall(r"^output (\w+) ", (bicep.FOLDER / "main.bicep").read_text(), re.MULTILINE)
    assert set(re.findall(r"\$(?:env:)?(AZURE_\w+)", azd)) <= set(outputs)
    service = re.search(r"^services:\n  (\w+):", azd, re.MULTILINE)
    assert service
    assert f"'azd-service-name': '{service[1]}'" in bicep.resources()["app.app"].values["tags"]
