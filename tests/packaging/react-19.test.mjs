import { testsWith } from "./react.mjs";

testsWith("react-19");
