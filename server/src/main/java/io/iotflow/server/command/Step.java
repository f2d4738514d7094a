package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/// One step of a command's life.
///
/// @param isLate it changed nothing any more, since the life had ended
/// @param proof  an object that says by what it is known
record Step(Instant at, CommandState state, boolean isLate, JsonNode proof) {}
