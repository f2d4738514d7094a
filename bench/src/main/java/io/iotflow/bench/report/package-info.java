/// What a benchmark says: rows of named figures, printed as a table and appended to a file as JSON, one object a
/// line. Start reading at [io.iotflow.bench.report.Report]; every figure is listed in
/// [io.iotflow.bench.report.Figure]. Uses the JDK and Jackson.
package io.iotflow.bench.report;
