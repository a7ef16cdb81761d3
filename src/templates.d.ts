declare module 'templates' {
  /** Every file of templates/, by its name without `.hbs`, compiled by the build. */
  const specifications: { readonly [name: string]: { readonly specification: TemplateSpecification; readonly text: string } };
  export default specifications;
}

// The package's own types of its runtime are empty.
declare module 'handlebars/runtime.js' {
  const runtime: { template<Context>(specification: TemplateSpecification): (context: Context) => string };
  export default runtime;
}

declare module 'handlebars/dist/cjs/handlebars.js' {
  import Handlebars from 'handlebars';
  export default Handlebars;
}
