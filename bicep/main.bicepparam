// The few choices of a deployment, from the environment of infra/deploy.sh.
using 'main.bicep'

param name = readEnvironmentVariable('OPENMU_NAME', 'openmu')
param adminGroup = {
  name: readEnvironmentVariable('OPENMU_ADMIN_GROUP')
  objectId: readEnvironmentVariable('OPENMU_ADMIN_GROUP_ID')
}
param alertEmail = readEnvironmentVariable('OPENMU_ALERT_EMAIL')
param monthlyBudget = int(readEnvironmentVariable('OPENMU_MONTHLY_BUDGET', '500'))
param allowedRanges = split(readEnvironmentVariable('OPENMU_ALLOWED_RANGES'), ',')
param profile = readEnvironmentVariable('OPENMU_WORKER_PROFILE', 'Consumption')
param maxWorkers = int(readEnvironmentVariable('OPENMU_MAX_WORKERS', '4'))
param trackMinutes = int(readEnvironmentVariable('OPENMU_TRACK_MINUTES', '60'))
param questionMinutes = int(readEnvironmentVariable('OPENMU_QUESTION_MINUTES', '2'))
param vnetEnabled = readEnvironmentVariable('OPENMU_VNET', 'false') == 'true'
param softDeleteDays = int(readEnvironmentVariable('OPENMU_SOFT_DELETE_DAYS', '14'))
param keepMissingDays = int(readEnvironmentVariable('OPENMU_KEEP_MISSING_DAYS', '30'))

var awakeFrom = readEnvironmentVariable('OPENMU_AWAKE_FROM', '')
param awake = empty(awakeFrom)
  ? null
  : {
      start: awakeFrom
      end: readEnvironmentVariable('OPENMU_AWAKE_UNTIL', '')
      timezone: readEnvironmentVariable('OPENMU_AWAKE_ZONE', 'Etc/UTC')
      replicas: int(readEnvironmentVariable('OPENMU_AWAKE_WORKERS', '1'))
    }

var signInClient = readEnvironmentVariable('OPENMU_SIGN_IN_CLIENT_ID', '')
param signIn = empty(signInClient)
  ? null
  : { clientId: signInClient, tenantId: readEnvironmentVariable('OPENMU_SIGN_IN_TENANT_ID', '') }
param applications = readEnvironmentVariable('OPENMU_APPLICATIONS', '')
param partners = readEnvironmentVariable('OPENMU_PARTNERS', '')
param holdNewAnalyses = readEnvironmentVariable('OPENMU_HOLD_NEW_ANALYSES', 'false') == 'true'

// What deploy.sh finds out by itself.
param model = {
  name: readEnvironmentVariable('OPENMU_MODEL_NAME', '')
  digest: readEnvironmentVariable('OPENMU_MODEL_DIGEST', '')
  gib: int(readEnvironmentVariable('OPENMU_MODEL_GIB', '0'))
}
param modelVersion = readEnvironmentVariable('OPENMU_MODEL_VERSION', 'none')
param workerImage = readEnvironmentVariable('OPENMU_WORKER_IMAGE', '')
param webImage = readEnvironmentVariable('OPENMU_WEB_IMAGE', '')
param webOrigin = readEnvironmentVariable('OPENMU_WEB_ORIGIN', '')
