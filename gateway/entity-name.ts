/** Whether a name is one that OpenWhisk's entities may have (EntityName.scala, `REGEX`). */
export function isEntityName(name: string | undefined): name is string {
  return name !== undefined && entityNamePattern.test(name);
}

const entityNamePattern = /^(?:\w|\w[\w@ .&-]{0,254}[\w@.&-])$/;
