/** A generated service in the form that the gRPC project's own server takes: pausewatch is held against that. */
import type { ServiceDefinition } from '@grpc/grpc-js';

interface MessageType {
  encode(message: never): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

interface MethodDefinition {
  readonly name: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestType: MessageType;
  readonly responseType: MessageType;
}

/** The service whose handlers are keyed as in the definition. */
export function serviceOf(definition: {
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodDefinition>>;
}): ServiceDefinition {
  const methods = Object.entries(definition.methods).map(([key, method]) => {
    const { name, requestStream, responseStream, requestType, responseType } = method;
    const wire = {
      path: `/${definition.fullName}/${name}`,
      requestStream,
      responseStream,
      requestSerialize: serializer(requestType),
      requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
      responseSerialize: serializer(responseType),
      responseDeserialize: (bytes: Buffer) => responseType.decode(bytes),
    };
    return [key, wire];
  });
  return Object.fromEntries(methods);
}

function serializer(type: MessageType): (message: never) => Buffer {
  return (message) => Buffer.from(type.encode(message).finish());
}
