declare module '*.hbs' {
  /** A template that the build has compiled. */
  const specification: TemplateSpecification;
  export default specification;
}

// The package's own types of its runtime are empty.
declare module 'handlebars/runtime.js' {
  const runtime: { template<Context>(specification: TemplateSpecification): (context: Context) => string };
  export default runtime;
}
