/** Every question to Railway's GraphQL API. A test validates each against Railway's own schema. */

const DEPLOYMENT_FIELDS = `fragment DeploymentFields on Deployment {
  id
  status
  statusUpdatedAt
  createdAt
  deploymentStopped
  canRollback
  url
  staticUrl
  meta
}`;

/** Newest first. The three ids go along each time: a project token is refused without them. */
export const DEPLOYMENTS = `query Deployments($input: DeploymentListInput!, $first: Int!) {
  deployments(input: $input, first: $first) { edges { node { ...DeploymentFields } } }
}
${DEPLOYMENT_FIELDS}`;

/** The same, and what serves now; some tokens may not ask for the service. */
export const DEPLOYMENTS_AND_ACTIVE = `query DeploymentsAndActive(
  $input: DeploymentListInput!
  $first: Int!
  $environmentId: String!
  $serviceId: String!
) {
  deployments(input: $input, first: $first) { edges { node { ...DeploymentFields } } }
  serviceInstance(environmentId: $environmentId, serviceId: $serviceId) { id activeDeployments { id } }
}
${DEPLOYMENT_FIELDS}`;

export const DEPLOYMENT = `query Deployment($id: String!) {
  deployment(id: $id) { ...DeploymentFields }
}
${DEPLOYMENT_FIELDS}`;

/** Of any service that the token may see, and which one that is. */
export const DEPLOYMENT_AND_PLACE = `query DeploymentAndPlace($id: String!) {
  deployment(id: $id) {
    ...DeploymentFields
    projectId
    environmentId
    serviceId
    service { name }
    environment { name }
  }
}
${DEPLOYMENT_FIELDS}`;

/** Where a deployment failed, and with which words. */
export const DEPLOYMENT_EVENTS = `query DeploymentEvents($id: String!) {
  deploymentEvents(id: $id, last: 20) { edges { node { step payload { error reason } } } }
}`;

/** Answers true and nothing else: what it led to has to be looked for. */
export const ROLL_BACK = `mutation RollBack($id: String!) {
  deploymentRollback(id: $id)
}`;

/** Works with a project token only. */
export const PROJECT_TOKEN = `query ProjectToken {
  projectToken { projectId environmentId name }
}`;

export const PROJECT_PLAN = `query ProjectPlan($id: String!) {
  project(id: $id) { subscriptionType }
}`;

/** What railway.json sets, as it is deployed. */
export const SERVICE_SETTINGS = `query ServiceSettings($environmentId: String!, $serviceId: String!) {
  serviceInstance(environmentId: $environmentId, serviceId: $serviceId) {
    id
    serviceName
    healthcheckPath
    healthcheckTimeout
    restartPolicyType
    restartPolicyMaxRetries
    drainingSeconds
    dockerfilePath
  }
}`;
