variable "subscription_id" {
  description = "The subscription."
  type        = string
}

variable "environment_name" {
  description = "Name of this installation; what is made carries it or a hash of it."
  type        = string
  validation {
    condition     = length(var.environment_name) >= 1 && length(var.environment_name) <= 40
    error_message = "From 1 to 40 characters."
  }
}

variable "location" {
  description = "Region. It must have the Flex Consumption plan: az functionapp list-flexconsumption-locations."
  type        = string
}

variable "approved_features" {
  description = "Of identification, verification and liveness, those that the owner has approved; what is not named answers 403. Detect needs none."
  type        = list(string)
}

variable "disclosure_acknowledged" {
  description = "true: the people whose faces are processed are told so and, where the law asks for it, have agreed. Nothing is deployed without."
  type        = bool
  validation {
    condition     = contains([true], var.disclosure_acknowledged)
    error_message = "Nothing is deployed without."
  }
}

variable "principal_id" {
  description = "Object id of who deploys, to make secrets and publish models. Empty: nobody gets these roles."
  type        = string
  default     = ""
}

variable "principal_type" {
  description = "What principal_id is."
  type        = string
  default     = "User"
  validation {
    condition     = contains(["User", "Group", "ServicePrincipal"], var.principal_type)
    error_message = "User, Group or ServicePrincipal."
  }
}

variable "python_version" {
  description = "Python of the app."
  type        = string
  default     = "3.11"
  validation {
    condition     = contains(["3.11", "3.12", "3.13"], var.python_version)
    error_message = "3.11, 3.12 or 3.13."
  }
}

variable "instance_memory_mb" {
  description = "Memory of an instance."
  type        = number
  default     = 2048
  validation {
    condition     = contains([2048, 4096], var.instance_memory_mb)
    error_message = "2048 or 4096."
  }
}

variable "maximum_instance_count" {
  description = "Most instances at once."
  type        = number
  default     = 40
  validation {
    condition     = var.maximum_instance_count >= 40 && var.maximum_instance_count <= 1000
    error_message = "From 40 to 1000."
  }
}

variable "always_ready_instances" {
  description = "Instances that always run, so that no caller waits for a start. 0: none, and nothing is paid while nobody calls."
  type        = number
  default     = 0
  validation {
    condition     = var.always_ready_instances >= 0 && var.always_ready_instances <= 20
    error_message = "From 0 to 20."
  }
}

variable "http_concurrency" {
  description = "HTTP calls that one instance works on at once before another one is started."
  type        = number
  default     = 8
  validation {
    condition     = var.http_concurrency >= 1 && var.http_concurrency <= 100
    error_message = "From 1 to 100."
  }
}

variable "models_source" {
  description = "Where models come from: the Blob container that `dev.py models publish` fills, or the package that `dev.py models package` puts them in."
  type        = string
  default     = "container"
  validation {
    condition     = contains(["container", "package"], var.models_source)
    error_message = "container or package."
  }
}

variable "private_network" {
  description = "true: a virtual network, private endpoints, and public access to app, storage and vault off, but for the addresses below."
  type        = bool
  default     = false
}

variable "allowed_callers" {
  description = "Address ranges (CIDR) that may call the app from the internet. Empty: all, or none with private_network."
  type        = list(string)
  default     = []
}

variable "operator_addresses" {
  description = "Addresses or ranges that may reach storage and vault from the internet with private_network: those of who makes secrets and publishes models."
  type        = list(string)
  default     = []
}

variable "customer_managed_keys" {
  description = "true: storage is encrypted under a key of the vault. It cannot be turned off again without a new account."
  type        = bool
  default     = false
}

variable "storage_redundancy" {
  description = "Copies that storage keeps. LRS: three in a datacentre; ZRS: in three zones; the geo ones: in another region too."
  type        = string
  default     = "LRS"
  validation {
    condition     = contains(["LRS", "ZRS", "GRS", "GZRS"], var.storage_redundancy)
    error_message = "LRS, ZRS, GRS or GZRS."
  }
}

variable "entra_tenant_id" {
  description = "Entra tenant whose access tokens count. Empty: keys only."
  type        = string
  default     = ""
}

variable "entra_audiences" {
  description = "Audiences of those tokens: the app registration's client id and application id URI."
  type        = list(string)
  default     = []
}

variable "entra_assignments" {
  description = "Who has which role beside the app roles in tokens: OBJECT-ID=ROLE."
  type        = list(string)
  default     = []
}

variable "disable_local_auth" {
  description = "true: keys are refused, and only Entra tokens count."
  type        = bool
  default     = false
}

variable "recognizer_keys" {
  description = "true: two more keys in the vault, whose holders may compare faces and not enrol."
  type        = bool
  default     = false
}

variable "settings" {
  description = "Settings of docs/settings.md that are to differ from infra/settings.json."
  type        = map(string)
  default     = {}
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 90
  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 730
    error_message = "From 30 to 730."
  }
}

variable "alert_emails" {
  description = "Who is told of alerts."
  type        = list(string)
  default     = []
}

variable "budget_amount" {
  description = "Monthly budget of the resource group in the subscription's currency; alert_emails are told at 80 and 100 %. 0: none."
  type        = number
  default     = 0
}

variable "budget_start" {
  description = "First day of the month in which the budget begins, yyyy-MM-01. Empty: this month."
  type        = string
  default     = ""
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}
