/* eslint-disable */
import type { GenFile } from "@bufbuild/protobuf/codegenv2";
import { describeFile } from "../file-descriptor.js";

export const file_google_protobuf_duration: GenFile = /*@__PURE__*/
  describeFile({"messageType":[{"field":[{"name":"seconds","number":1,"type":3},{"name":"nanos","number":2,"type":5}],"name":"Duration"}],"name":"google/protobuf/duration.proto","package":"google.protobuf"});

export const file_google_protobuf_timestamp: GenFile = /*@__PURE__*/
  describeFile({"messageType":[{"field":[{"name":"seconds","number":1,"type":3},{"name":"nanos","number":2,"type":5}],"name":"Timestamp"}],"name":"google/protobuf/timestamp.proto","package":"google.protobuf"});
