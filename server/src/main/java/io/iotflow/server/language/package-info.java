/// The rules language: the loop-free subset of JavaScript in which rules, decoders and messages are written. Rhino's
/// parser reads it, [Compiler] turns it into closures of our own; nothing of Rhino's engine runs, and no expression can
/// reach Java. Plumbing: knows no feature.
///
/// Start reading at [Expression], [Surroundings] and [Vocabulary]; then [Compiler] and [Code]. Uses `core` only.
package io.iotflow.server.language;
