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
param profile = readEnvironmentVariable('OPENMU_WORKER_PROFILE', 'Consumption-GPU-NC8as-T4')
param maxWorkers = int(readEnvironmentVariable('OPENMU_MAX_WORKERS', '4'))
param modelFolder = readEnvironmentVariable('OPENMU_MODEL_FOLDER', '')
param modelVersion = readEnvironmentVariable('OPENMU_MODEL_VERSION', 'none')
param workerImage = readEnvironmentVariable('OPENMU_WORKER_IMAGE', '')
param webImage = readEnvironmentVariable('OPENMU_WEB_IMAGE', '')
