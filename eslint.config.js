import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/dist/", "**/gen/", "node_modules/", "data/"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ["*.js", "src/demo/vite.config.ts", "src/console/vite.config.ts"],
          defaultProject: "test/tsconfig.json",
        },
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
    // On the server a promise that nobody looks at is a fault that nobody hears of, and `void` is no way of looking.
    files: ["src/*.ts", "src/{core,ports,app,http,rpc}/**", "src/adapters/{memory,metrics,node,pino,redis}/**"],
    rules: { "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: false }] },
  },
  {
    files: ["src/client/**"],
    rules: { "max-lines": ["error", { max: 350, skipBlankLines: true, skipComments: true }] },
  },
  { files: ["test/**"], rules: { "max-lines-per-function": "off" } },
  { files: ["src/{demo,console}/**/*.tsx"], rules: { "max-lines-per-function": ["error", { max: 120 }] } },
  // The pages among the examples import the built client, which need not exist yet.
  { files: ["*.js", "examples/{minimal,react}/**"], ...tseslint.configs.disableTypeChecked },
);
