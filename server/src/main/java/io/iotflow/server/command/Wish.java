package io.iotflow.server.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.UUID;

/// What a device shall do.
///
/// @param id       by which the device tells it from others
/// @param priority the greater goes first
/// @param key      whoever sends the same key to the same device again means the same command
record Wish(UUID id, String type, ObjectNode parameters, int priority, Optional<String> key, Terms terms) {}
