/** Whether OpenWhisk allows the name for an entity (EntityName.scala, `REGEX`). */
export function isEntityName(name: string | undefined): name is string {
  return name !== undefined && entityNamePattern.test(name);
}

const entityNamePattern = /^(?:\w|\w[\w@ .&-]{0,254}[\w@.&-])$/;
