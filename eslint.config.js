import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/dist/", "**/gen/", "node_modules/", "data/"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        // One program for all: with one for each platform, most files would be checked several times.
        project: "test/checks/tsconfig.lint.json",
      },
    },
    rules: {
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 40, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  {
    // On the server, an unhandled promise hides errors, and `void` does not handle it.
    files: ["src/*.ts", "src/{core,ports,app,http,rpc}/**", "src/adapters/{memory,metrics,node,pino,redis}/**"],
    rules: { "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: false }] },
  },
  {
    files: ["src/client/**"],
    rules: { "max-lines": ["error", { max: 350, skipBlankLines: true, skipComments: true }] },
  },
  { files: ["test/**"], rules: { "max-lines-per-function": "off" } },
  { files: ["src/{demo,console}/**/*.tsx"], rules: { "max-lines-per-function": ["error", { max: 120 }] } },
  // These examples import the built client, which may not exist yet. The other scripts belong to no program.
  {
    files: ["*.js", "examples/{minimal,react,accounts/page}/**", "test/bench/first-frame/*.js"],
    ...tseslint.configs.disableTypeChecked,
  },
);
