#!/usr/bin/env bash
# Brings this checkout to Azure: resources, images, database, functions, event subscription. May run any number of times.
#
# Run by its authors: the checks (step 1), the migration script of step 2, and `bicep build` of every template.
# The publish of step 2 was run by itself. NEVER RUN by its authors, who had no Azure: steps 3 to 9, --what-if.
# Each such step says so when it starts. Read it before you trust it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repository=$(dirname "$here")

usage() {
  cat <<'TEXT'
usage: infra/deploy.sh RESOURCE_GROUP [--what-if]

  RESOURCE_GROUP   an existing resource group; its location is used
  --what-if        show what would change in Azure, change nothing

Environment:
  OPENMU_ADMIN_GROUP       name of the Entra group that owns the database; you must be in it
  OPENMU_ADMIN_GROUP_ID    its object id
  OPENMU_ALERT_EMAIL       who is told when jobs fail or work stands still
  OPENMU_MONTHLY_BUDGET    what it may cost a month; mails are sent at 80 % and when more is foreseen (500)
  OPENMU_MY_ADDRESS        this machine's public IPv4 address, let into the database while it is migrated
  OPENMU_ALLOWED_RANGES    address ranges (CIDR, separated by commas) that may open the catalogue page
  OPENMU_NAME              begins every name: 3 to 11 lower-case letters and digits (openmu)
  OPENMU_WORKER_PROFILE    Consumption, Consumption-GPU-NC8as-T4 or Consumption-GPU-NC24-A100 (Consumption-GPU-NC8as-T4)
  OPENMU_MAX_WORKERS       most workers at a time (4)
  OPENMU_MODEL_FOLDER      folder of the model inside the worker's image, models/openmu-tiny (none: tracks are only measured)
  OPENMU_MODEL_VERSION     what `openmu inspect` calls that model's version (none)

Needs: az (2.77 or newer, logged in), dotnet, zip, sqlcmd (the Go version).
You need Owner, or Contributor and User Access Administrator, on the resource group.
TEXT
}

fail() { printf '%s\n' "$*" >&2; exit 1; }
step() { printf '\n== %s\n' "$*"; }
unproven() { printf '\n== %s   [never run by the authors]\n' "$*"; }

group=""
what_if=false
for argument in "$@"; do
  case $argument in
    --help | -h) usage; exit 0 ;;
    --what-if) what_if=true ;;
    -*) usage >&2; fail "Unknown option $argument." ;;
    *) [ -z "$group" ] || fail "One resource group, not two: $group and $argument."; group=$argument ;;
  esac
done
[ -n "$group" ] || { usage >&2; exit 2; }

step "1/9 Check tools and choices"
for variable in OPENMU_ADMIN_GROUP OPENMU_ADMIN_GROUP_ID OPENMU_ALERT_EMAIL OPENMU_MY_ADDRESS OPENMU_ALLOWED_RANGES; do
  [ -n "${!variable:-}" ] || fail "$variable is not set; infra/deploy.sh --help says what it is."
done
[[ ${OPENMU_NAME:-openmu} =~ ^[a-z][a-z0-9]{2,10}$ ]] || fail "OPENMU_NAME must be 3 to 11 lower-case letters and digits."
tools=(az)
$what_if || tools+=(dotnet git zip sqlcmd)
for tool in "${tools[@]}"; do
  command -v "$tool" >/dev/null || fail "$tool is missing; infra/deploy.sh --help lists what is needed."
done
case ${OPENMU_WORKER_PROFILE:-Consumption-GPU-NC8as-T4} in
  Consumption) cuda=false ;;
  *) cuda=true ;;
esac

scratch=$(mktemp -d)
firewall_open=false
clean_up() {
  if $firewall_open; then
    az sql server firewall-rule delete -g "$group" -s "$sql_server" -n deployment >/dev/null || true
  fi
  rm -rf "$scratch"
}
trap clean_up EXIT

deploy_main() {
  az deployment group create -g "$group" -n openmu -p "$repository/bicep/main.bicepparam" -o none
}
output() { az deployment group show -g "$group" -n openmu --query "properties.outputs.$1.value" -o tsv; }

if $what_if; then
  unproven "What would change"
  az deployment group what-if -g "$group" -n openmu -p "$repository/bicep/main.bicepparam"
  exit
fi

unproven "2/9 Publish the functions and write the migration script"
(
  cd "$repository"
  dotnet tool restore
  dotnet restore src/OpenMU.Catalogue
  dotnet ef migrations script --idempotent --project src/OpenMU.Catalogue --context SqlServerCatalogueDb -o "$scratch/migrations.sql"
  # SqlClient refuses to open a connection in globalisation-invariant mode.
  dotnet publish src/OpenMU.Functions -c Release -o "$scratch/functions" -p:InvariantGlobalization=false
)
# With its hidden folder .azurefunctions, which holds the host's extensions.
(cd "$scratch/functions" && zip -q -r "$scratch/functions.zip" .)

unproven "3/9 Create or update the resources, first pass without containers"
for provider in Microsoft.App Microsoft.ContainerRegistry Microsoft.EventGrid Microsoft.Insights Microsoft.OperationalInsights Microsoft.Sql Microsoft.Storage Microsoft.Web; do
  az provider register -n "$provider" --wait
done
deploy_main
registry=$(output REGISTRY)
function_app=$(output FUNCTION_APP)
topic=$(output EVENT_TOPIC)
sql_server=$(output SQL_SERVER)

unproven "4/9 Build the images in the registry"
tag=$(git -C "$repository" rev-parse --short=12 HEAD)
[ -z "$(git -C "$repository" status --porcelain)" ] || tag=$tag-$(date +%s)
az acr build -r "$registry" -t "openmu-worker:$tag" -f "$here/worker.Dockerfile" --build-arg "CUDA=$cuda" "$repository"
az acr build -r "$registry" -t "openmu-web:$tag" -f "$here/web.Dockerfile" "$repository"

unproven "5/9 Open the database to this machine"
firewall_open=true
az sql server firewall-rule create -g "$group" -s "$sql_server" -n deployment --start-ip-address "$OPENMU_MY_ADDRESS" --end-ip-address "$OPENMU_MY_ADDRESS" -o none

unproven "6/9 Migrate the database and let the programs in"
users=()
for name in FUNCTIONS_USER FUNCTIONS_CLIENT_ID WORKER_USER WORKER_CLIENT_ID WEB_USER WEB_CLIENT_ID; do
  users+=("$name=$(output $name)")
done
database=(-S "$(output SQL_HOST)" -d "$(output SQL_DATABASE)" --authentication-method ActiveDirectoryDefault -b)
# QUOTED_IDENTIFIER (-I) must be on for filtered and full-text indexes.
sqlcmd "${database[@]}" -I -i "$scratch/migrations.sql"
sqlcmd "${database[@]}" -i "$here/catalogue-users.sql" -v "${users[@]}"

unproven "7/9 Start the containers: second pass with images"
export OPENMU_WORKER_IMAGE="openmu-worker:$tag" OPENMU_WEB_IMAGE="openmu-web:$tag"
deploy_main

unproven "8/9 Deploy the functions"
# A role assignment may take minutes to reach the storage account; until then the upload of the package is refused.
for try in 1 2 3 4 5 6; do
  if az functionapp deployment source config-zip -g "$group" -n "$function_app" --src "$scratch/functions.zip" -o none; then break; fi
  [ "$try" -lt 6 ] || fail "The functions could not be deployed; see above."
  sleep 30
done

unproven "9/9 Subscribe the function app to uploads"
key=""
for _ in $(seq 20); do
  key=$(az functionapp keys list -g "$group" -n "$function_app" --query systemKeys.blobs_extension -o tsv || true)
  [ -z "$key" ] || break
  sleep 15
done
[ -n "$key" ] || fail "The host has no key blobs_extension after five minutes: did it load the function IngestTrack?"
# In a file that only this user can read: a command line can be seen by every user of the machine.
(umask 077 && printf '{"webhookKey":{"value":"%s"}}' "$key" >"$scratch/events.json")
az deployment group create -g "$group" -n openmu-events -f "$repository/bicep/events.bicep" -o none \
  -p "@$scratch/events.json" -p "functionAppName=$function_app" -p "topicName=$topic"

printf '\nThe catalogue page: %s\nCheck the whole path with: infra/smoke.sh %s\n' "$(output WEB_URL)" "$(output WEB_URL)"
