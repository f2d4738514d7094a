package io.iotflow.server.http;

/// Answers one request. Runs on a virtual thread of its own and may block. Refusals are thrown as
/// `PlatformException`; anything else thrown is a bug, logged once and answered 500 without internals.
@FunctionalInterface
public interface Handler {
    Reply handle(Request request) throws Exception;
}
