/* eslint-disable */
import type { GenFile } from "@bufbuild/protobuf/codegenv2";
import { describeFile } from "../../file-descriptor.js";

export const file_google_protobuf_timestamp: GenFile = /*@__PURE__*/
  describeFile(["google/protobuf/timestamp.proto","google.protobuf",[["Timestamp","seconds  3,nanos  5"]],"",[]]);
