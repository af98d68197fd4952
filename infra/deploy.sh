#!/usr/bin/env bash
# Brings this checkout to Azure: resources, model, images, database, functions, event subscription. May run any number
# of times: what an earlier run of the same tree has done and cannot have changed is not done again.
#
# Run by its authors: --plan, the checks of step 1, all of step 2, `bicep build` of every template, and every step against
# a stand-in for `az` and `sqlcmd` that only notes what it is told. NEVER RUN by its authors against Azure, which they
# had not. Read it before you trust it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repository=$(dirname "$here")

usage() {
  cat <<'TEXT'
usage: infra/deploy.sh --plan                      what would be created, and what it costs a month; asks nobody
       infra/deploy.sh RESOURCE_GROUP [--anew]     deploys; --anew does again what an earlier run has done
       infra/deploy.sh RESOURCE_GROUP --what-if    what would change in Azure; changes nothing
       infra/deploy.sh RESOURCE_GROUP --rollback   brings back the code that ran before the last deployment

  RESOURCE_GROUP   an existing resource group; its location is used

Environment:
  OPENMU_ADMIN_GROUP       name of the Entra group that owns the database and brings models; you must be in it
  OPENMU_ADMIN_GROUP_ID    its object id
  OPENMU_ALERT_EMAIL       who is told when jobs fail or work stands still
  OPENMU_MONTHLY_BUDGET    what it may cost a month; mails are sent at 80 % and when more is foreseen (500)
  OPENMU_MY_ADDRESS        this machine's public IPv4 address, let into the database while it is migrated
  OPENMU_ALLOWED_RANGES    address ranges (CIDR, separated by commas) that may open the catalogue page
  OPENMU_NAME              begins every name: 3 to 11 lower-case letters and digits (openmu)
  OPENMU_MODEL             folder of the model that listens; empty to measure only (models/openmu-tiny)
  OPENMU_WORKER_PROFILE    Consumption, Consumption-GPU-NC8as-T4 or Consumption-GPU-NC24-A100 (Consumption)
  OPENMU_MAX_WORKERS       most workers at a time (4)
  OPENMU_TRACK_MINUTES     how long a track may wait for a worker, beside its start (60)
  OPENMU_QUESTION_MINUTES  the same for a question (2)
  OPENMU_AWAKE_FROM        cron expression from when workers are kept ready, such as 0 8 * * 1-5 (never)
  OPENMU_AWAKE_UNTIL       cron expression until when
  OPENMU_AWAKE_ZONE        time zone of both (Etc/UTC)
  OPENMU_AWAKE_WORKERS     how many are kept ready (1)
  OPENMU_SIGN_IN_CLIENT_ID app registration in Entra by which people sign in (none: the ranges are enough)
  OPENMU_SIGN_IN_TENANT_ID the Entra tenant that it is in
  OPENMU_APPLICATIONS      applications that bring tokens of that registration: ID=TENANT:Read+Submit, with ; between (none)
  OPENMU_PARTNERS          tenants that ask on storage queues of their own, with , between (none)
  OPENMU_HOLD_NEW_ANALYSES true keeps what a new model finds unseen until it is published (false)
  OPENMU_VNET              true puts storage, database and registry into a private network (false)
  OPENMU_SOFT_DELETE_DAYS  how long a deleted or overwritten file can be had back (14)
  OPENMU_KEEP_MISSING_DAYS how long a track is kept whose file was deleted (30)

Needs: az (2.77 or newer, logged in), dotnet, git, zip, sqlcmd (the Go version).
Rights: Owner, or Contributor and User Access Administrator, on the resource group; nothing on the subscription. These
resource providers must be registered in it, which is a right on the subscription and done once (az provider register -n):
  Microsoft.App Microsoft.ContainerRegistry Microsoft.EventGrid Microsoft.Insights Microsoft.ManagedIdentity
  Microsoft.Network Microsoft.OperationalInsights Microsoft.Sql Microsoft.Storage Microsoft.Web
TEXT
}

fail() { printf '%s\n' "$*" >&2; exit 1; }
step() { printf '\n== %s\n' "$*"; }
unproven() { printf '\n== %s   [never run against Azure by the authors]\n' "$*"; }

group="" action=deploy anew=false
for argument in "$@"; do
  case $argument in
    --help | -h) usage; exit 0 ;;
    --plan | --what-if | --rollback) action=${argument#--} ;;
    --anew) anew=true ;;
    -*) usage >&2; fail "Unknown option $argument." ;;
    *) [ -z "$group" ] || fail "One resource group, not two: $group and $argument."; group=$argument ;;
  esac
done
[ -n "$group" ] || [ $action = plan ] || { usage >&2; exit 2; }

# An empty choice is none: bicep/main.bicepparam then takes what is usual.
for choice in ${!OPENMU_@}; do
  [ -n "${!choice}" ] || [ "$choice" = OPENMU_MODEL ] || unset "$choice"
done
model=${OPENMU_MODEL-models/openmu-tiny}
profile=${OPENMU_WORKER_PROFILE:-Consumption}

# What each profile has room for stands once, in bicep/worker.bicep.
room() { sed -n "/^  '*$profile'*: {/,/^  }/s/^ *$1: //p" "$repository/bicep/worker.bicep"; }

check_model() {
  [ -n "$(room modelGiB)" ] || fail "There is no profile $profile; infra/deploy.sh --help lists them."
  [ -n "$model" ] || { export OPENMU_MODEL_NAME="" OPENMU_MODEL_GIB=0; return; }
  [[ $model = /* ]] || model=$repository/$model
  [ -f "$model/config.json" ] || fail "There is no model in $model: a model folder has a config.json."
  local bytes gib disk=8
  bytes=$(find "$model" -maxdepth 1 -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%.0f\n", sum }')
  gib=$(((bytes + (1 << 30) - 1) >> 30))
  ((gib <= $(room modelGiB))) \
    || fail "$(basename "$model") takes $gib GiB and $profile has room for $(room modelGiB): take a larger OPENMU_WORKER_PROFILE or a smaller OPENMU_MODEL."
  [ "${OPENMU_VNET:-false}" = true ] || ((gib + $(room downloadGiB) <= disk)) \
    || fail "$(basename "$model") takes $gib GiB, which do not fit on a worker's disk of $disk GiB beside downloads: set OPENMU_VNET=true, which brings a share for models."
  OPENMU_MODEL_NAME=$(basename "$model")
  export OPENMU_MODEL_NAME OPENMU_MODEL_GIB=$gib
}

if [ $action = plan ]; then
  check_model
  printf 'With %s, model %s, %s in a private network. List prices: see infra/costs.tsv.\n\n' \
    "$profile" "${OPENMU_MODEL_NAME:-none}" "$([ "${OPENMU_VNET:-false}" = true ] && echo everything || echo nothing)"
  "$here/costs.sh" --month
  printf '\nAnd by the track:\n\n'
  exec "$here/costs.sh"
fi

step "1/10 Check tools and choices"
for variable in OPENMU_ADMIN_GROUP OPENMU_ADMIN_GROUP_ID OPENMU_ALERT_EMAIL OPENMU_MY_ADDRESS OPENMU_ALLOWED_RANGES; do
  [ -n "${!variable:-}" ] || fail "$variable is not set; infra/deploy.sh --help says what it is."
done
[[ ${OPENMU_NAME:-openmu} =~ ^[a-z][a-z0-9]{2,10}$ ]] || fail "OPENMU_NAME must be 3 to 11 lower-case letters and digits."
[ -z "${OPENMU_SIGN_IN_CLIENT_ID:-}" ] || [ -n "${OPENMU_SIGN_IN_TENANT_ID:-}" ] || fail "OPENMU_SIGN_IN_TENANT_ID is not set."
[ -z "${OPENMU_AWAKE_FROM:-}" ] || [ -n "${OPENMU_AWAKE_UNTIL:-}" ] || fail "OPENMU_AWAKE_UNTIL is not set."
tools=(az)
[ $action = what-if ] || tools+=(dotnet git zip sqlcmd)
for tool in "${tools[@]}"; do
  command -v "$tool" >/dev/null || fail "$tool is missing; infra/deploy.sh --help lists what is needed."
done
check_model
[ "$profile" = Consumption ] && cuda=false || cuda=true

if [ $action = what-if ]; then
  unproven "What would change"
  exec az deployment group what-if -g "$group" -n openmu -p "$repository/bicep/main.bicepparam"
fi

deploy_main() {
  az deployment group create -g "$group" -n openmu -p "$repository/bicep/main.bicepparam" -o none || fail \
    "The deployment failed: see above. Where it says MissingSubscriptionRegistration, ask who owns the subscription for: az provider register -n NAMESPACE"
}
output() { az deployment group show -g "$group" -n openmu --query "properties.outputs.$1.value" -o tsv; }
remembered() { az group show -n "$group" --query "tags.$1" -o tsv; }

# The commit, and for a tree with changes what they are: the same tree has the same tag.
tag=$(git -C "$repository" rev-parse --short=12 HEAD)
changes=$(git -C "$repository" status --porcelain; git -C "$repository" diff HEAD)
[ -z "$changes" ] || tag=$tag-$(sha256sum <<<"$changes" | cut -c1-8)
if [ $action = rollback ]; then
  tag=$(remembered openmuBefore)
  [ -n "$tag" ] || fail "Nothing is known of a deployment before the last one of $group."
fi

# What is done stands here, a file a step, with what the steps made.
state=${XDG_STATE_HOME:-$HOME/.local/state}/openmu/$group/$tag
$anew && rm -rf "$state"
mkdir -p "$state"
already() { [ -e "$state/$1.done" ] && printf '\n== %s: done by an earlier run\n' "$2"; }
finished() { touch "$state/$1.done"; }

scratch=$(mktemp -d)
firewall_open=false registry_open=false code_changed=false
clean_up() {
  local code=$?
  if $firewall_open; then az sql server firewall-rule delete -g "$group" -s "$sql_server" -n deployment >/dev/null || true; fi
  if $registry_open; then az acr update -g "$group" -n "$registry" --public-network-enabled false -o none || true; fi
  [ ! -e "$scratch/tree" ] || git -C "$repository" worktree remove --force "$scratch/tree" || true
  rm -rf "$scratch"
  [ "$code" = 0 ] || printf '\nNot finished. Run the same command again: it goes on where it stopped.\n' >&2
  if [ "$code" != 0 ] && $code_changed; then printf 'Or bring back what ran before: infra/deploy.sh %s --rollback\n' "$group" >&2; fi
}
trap clean_up EXIT

# Of a rollback, the functions are those of the commit that ran then; images are still in the registry, and the database
# stays as it is: a migration must leave the code before it working.
tree=$repository
if [ $action = rollback ]; then
  unproven "Fetch the tree of ${tag%%-*}"
  [ "${tag%%-*}" = "$tag" ] || fail "Before the last deployment ran $tag, a tree with changes that no commit holds."
  git -C "$repository" worktree add -q --detach "$scratch/tree" "$tag"
  tree=$scratch/tree
fi

already publish "2/10 Publish the functions and write the migration script" || {
  step "2/10 Publish the functions and write the migration script"
  (
    cd "$tree"
    dotnet tool restore
    dotnet restore src/OpenMU.Catalogue
    dotnet ef migrations script --idempotent --project src/OpenMU.Catalogue --context SqlServerCatalogueDb -o "$state/migrations.sql"
    # SqlClient refuses to open a connection in globalisation-invariant mode.
    dotnet publish src/OpenMU.Functions -c Release -o "$scratch/functions"
  )
  # With its hidden folder .azurefunctions, which holds the host's extensions.
  rm -f "$state/functions.zip"
  (cd "$scratch/functions" && zip -q -r "$state/functions.zip" .)
  finished publish
}
if [ -n "$model" ]; then
  "$here/model-sums.sh" "$model" >"$scratch/SHA256SUMS"
  OPENMU_MODEL_DIGEST=sha256:$(sha256sum <"$scratch/SHA256SUMS" | cut -d ' ' -f 1)
  [ -e "$state/model-version" ] \
    || dotnet run --project "$repository/src/OpenMU.Cli" -- inspect --quick "$model" | sed -n 's/^version *//p' >"$state/model-version"
  OPENMU_MODEL_VERSION=$(cat "$state/model-version")
  export OPENMU_MODEL_DIGEST OPENMU_MODEL_VERSION
fi

# What runs now goes on running until the code is changed, below.
before=$(remembered openmuRuns)
if [ -n "$before" ]; then export OPENMU_WORKER_IMAGE="openmu-worker:$before" OPENMU_WEB_IMAGE="openmu-web:$before"; fi

unproven "3/10 Create or update the resources, with the containers that run already"
deploy_main
registry=$(output REGISTRY)
function_app=$(output FUNCTION_APP)
topic=$(output EVENT_TOPIC)
sql_server=$(output SQL_SERVER)
OPENMU_WEB_ORIGIN=$(output WEB_ORIGIN)
export OPENMU_WEB_ORIGIN

if [ -n "$model" ]; then
  already "model-${OPENMU_MODEL_DIGEST#sha256:}" "4/10 Bring the model" || {
    unproven "4/10 Bring the model"
    storage=$(output STORAGE_ACCOUNT)
    # A role assignment may take minutes to reach the storage account. The list comes last: without it no worker starts.
    for try in 1 2 3 4 5 6 7 8; do
      if az storage blob upload-batch --account-name "$storage" --auth-mode login -d "models/$OPENMU_MODEL_NAME" -s "$model" --overwrite -o none; then break; fi
      [ "$try" -lt 8 ] || fail "The model could not be uploaded; see above."
      sleep "${OPENMU_PAUSE:-30}"
    done
    az storage blob upload --account-name "$storage" --auth-mode login -c models -n "$OPENMU_MODEL_NAME/SHA256SUMS" -f "$scratch/SHA256SUMS" --overwrite -o none
    finished "model-${OPENMU_MODEL_DIGEST#sha256:}"
  }
fi

if [ $action = rollback ]; then
  unproven "5/10 Find the images in the registry"
  for image in openmu-worker openmu-web; do
    az acr repository show -n "$registry" --image "$image:$tag" -o none || fail "The registry has no $image:$tag any more."
  done
else
  already images "5/10 Build the images in the registry" || {
    unproven "5/10 Build the images in the registry"
    if [ "${OPENMU_VNET:-false}" = true ]; then
      registry_open=true
      az acr update -g "$group" -n "$registry" --public-network-enabled true -o none
    fi
    az acr build -r "$registry" -t "openmu-worker:$tag" -f "$here/worker.Dockerfile" --build-arg "CUDA=$cuda" "$repository"
    az acr build -r "$registry" -t "openmu-web:$tag" -f "$here/web.Dockerfile" "$repository"
    finished images
  }
fi

if [ $action = deploy ]; then
  unproven "6/10 Open the database to this machine"
  firewall_open=true
  az sql server firewall-rule create -g "$group" -s "$sql_server" -n deployment --start-ip-address "$OPENMU_MY_ADDRESS" --end-ip-address "$OPENMU_MY_ADDRESS" -o none

  # Before the code: what runs now works on the new schema too, for a migration only adds (docs/azure.md).
  unproven "7/10 Migrate the database and let the programs in"
  users=()
  for name in FUNCTIONS_USER FUNCTIONS_CLIENT_ID WORKER_USER WORKER_CLIENT_ID WEB_USER WEB_CLIENT_ID; do
    users+=("$name=$(output $name)")
  done
  database=(-S "$(output SQL_HOST)" -d "$(output SQL_DATABASE)" --authentication-method ActiveDirectoryDefault -b)
  # QUOTED_IDENTIFIER (-I) must be on for filtered and full-text indexes.
  sqlcmd "${database[@]}" -I -i "$state/migrations.sql"
  sqlcmd "${database[@]}" -i "$here/catalogue-users.sql" -v "${users[@]}"
fi

unproven "8/10 Start the containers of $tag"
code_changed=true
[ -z "$before" ] || [ "$before" = "$tag" ] || az group update -n "$group" --set "tags.openmuBefore=$before" -o none
export OPENMU_WORKER_IMAGE="openmu-worker:$tag" OPENMU_WEB_IMAGE="openmu-web:$tag"
deploy_main
az group update -n "$group" --set "tags.openmuRuns=$tag" -o none

unproven "9/10 Deploy the functions"
# A role assignment may take minutes to reach the storage account; until then the upload of the package is refused.
for try in 1 2 3 4 5 6; do
  if az functionapp deployment source config-zip -g "$group" -n "$function_app" --src "$state/functions.zip" -o none; then break; fi
  [ "$try" -lt 6 ] || fail "The functions could not be deployed; see above."
  sleep "${OPENMU_PAUSE:-30}"
done

unproven "10/10 Subscribe the function app to uploads"
key=""
for _ in $(seq 20); do
  key=$(az functionapp keys list -g "$group" -n "$function_app" --query systemKeys.blobs_extension -o tsv || true)
  [ -z "$key" ] || break
  sleep "${OPENMU_PAUSE:-15}"
done
[ -n "$key" ] || fail "The host has no key blobs_extension after five minutes: did it load the function IngestTrack?"
# In a file that only this user can read: a command line can be seen by every user of the machine.
(umask 077 && printf '{"webhookKey":{"value":"%s"}}' "$key" >"$scratch/events.json")
az deployment group create -g "$group" -n openmu-events -f "$repository/bicep/events.bicep" -o none \
  -p "@$scratch/events.json" -p "functionAppName=$function_app" -p "topicName=$topic"

printf '\nThe catalogue page: %s\nCheck the whole path with a key (docs/access.md): OPENMU_KEY=omu_... infra/smoke.sh %s\n' "$(output WEB_URL)" "$(output WEB_URL)"
