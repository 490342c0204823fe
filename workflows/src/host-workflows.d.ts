/** An alias of the bundler for the host's own workflow module. */
declare module '__temper_host_workflows' {
  const workflows: unknown;
  export default workflows;
}
