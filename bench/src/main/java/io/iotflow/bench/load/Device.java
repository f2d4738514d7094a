package io.iotflow.bench.load;

/// A registered device, as which one connection speaks.
///
/// @param apiKey empty where no password is wanted
public record Device(String id, String name, String apiKey) {}
