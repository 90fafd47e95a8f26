import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript-eslint";

const features = readdirSync(join(import.meta.dirname, "src/features"));

/** A feature may open its own door and those of `shared`, never another feature's or `app`'s. */
const featureDoors = features.map((feature) => ({
  files: [`src/features/${feature}/**`],
  rules: {
    "no-restricted-imports": ["error", {
      patterns: [
        { group: ["**/app/**"], message: "app imports features, never the other way round" },
        {
          group: features.filter((other) => other !== feature).map((other) => `**/${other}/*`),
          message: "features do not know each other; app joins them",
        },
      ],
    }],
  },
}));

export default ts.config(
  { ignores: ["node_modules", "test-results", "playwright-report", "src/shared/api/schema.d.ts"] },
  js.configs.recommended,
  { files: ["public/**"], languageOptions: { globals: { document: "readonly", window: "readonly", localStorage: "readonly" } } },
  { files: ["scripts/**"], languageOptions: { globals: { console: "readonly", process: "readonly", URL: "readonly" } } },
  {
    files: ["worker/**"],
    languageOptions: { globals: { self: "readonly", caches: "readonly", fetch: "readonly", URL: "readonly", FILES: "readonly", VERSION: "readonly" } },
  },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...ts.configs.strictTypeChecked, ...ts.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      "no-restricted-syntax": ["error", {
        selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
        message: "what people write is text, never markup",
      }],
      "no-console": "error",
    },
  },
  ...featureDoors,
  {
    files: ["src/shared/**"],
    rules: {
      "no-restricted-imports": ["error", {
        patterns: [{ group: ["**/features/**", "**/app/**"], message: "shared knows no feature" }],
      }],
    },
  },
);
