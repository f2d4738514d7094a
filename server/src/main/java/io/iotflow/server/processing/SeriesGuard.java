package io.iotflow.server.processing;

import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.telemetry.SeriesCatalogue;
import io.iotflow.server.telemetry.SeriesVerdict;

/// What a rule may write: a rule that writes another type than a metric has, or one metric too many, must not make the
/// device's message be refused.
interface SeriesGuard {
    boolean admits(DeviceId device, String metric, Value.Type type);

    boolean has(DeviceId device, String metric);

    /// Claims what it admits.
    static SeriesGuard of(SeriesCatalogue series) {
        return new SeriesGuard() {
            @Override
            public boolean admits(DeviceId device, String metric, Value.Type type) {
                return series.check(device, metric, type) instanceof SeriesVerdict.Accepted;
            }

            @Override
            public boolean has(DeviceId device, String metric) {
                return series.typeOf(device, metric) != null;
            }
        };
    }

    /// For a trial, which leaves no trace.
    static SeriesGuard onlyLooking(SeriesCatalogue series) {
        return new SeriesGuard() {
            @Override
            public boolean admits(DeviceId device, String metric, Value.Type type) {
                var kept = series.typeOf(device, metric);
                return kept == null || kept == type;
            }

            @Override
            public boolean has(DeviceId device, String metric) {
                return series.typeOf(device, metric) != null;
            }
        };
    }
}
