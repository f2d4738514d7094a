package io.iotflow.server.telemetry;

import io.questdb.cairo.CairoConfiguration;
import io.questdb.cairo.CairoEngine;
import io.questdb.griffin.FunctionFactory;
import io.questdb.griffin.engine.functions.bool.AndFunctionFactory;
import io.questdb.griffin.engine.functions.cast.CastIntToShortFunctionFactory;
import io.questdb.griffin.engine.functions.cast.CastLongToTimestampFunctionFactory;
import io.questdb.griffin.engine.functions.date.TimestampFloorFromOffsetFunctionFactory;
import io.questdb.griffin.engine.functions.date.TimestampFloorFunctionFactory;
import io.questdb.griffin.engine.functions.eq.EqStrFunctionFactory;
import io.questdb.griffin.engine.functions.eq.EqSymStrFunctionFactory;
import io.questdb.griffin.engine.functions.eq.EqTimestampFunctionFactory;
import io.questdb.griffin.engine.functions.groupby.CountDoubleGroupByFunctionFactory;
import io.questdb.griffin.engine.functions.groupby.CountVarcharGroupByFunctionFactory;
import io.questdb.griffin.engine.functions.groupby.MaxDoubleGroupByFunctionFactory;
import io.questdb.griffin.engine.functions.groupby.MinDoubleGroupByFunctionFactory;
import io.questdb.griffin.engine.functions.groupby.SumDoubleGroupByFunctionFactory;
import io.questdb.griffin.engine.functions.lt.LtTimestampFunctionFactory;
import java.util.List;

/// QuestDB with the functions that our statements use, and no others: looking for all thousand of them takes most of
/// its start, a second and more of a whole processor.
final class QuestDbEngine extends CairoEngine {

    QuestDbEngine(CairoConfiguration configuration) {
        super(configuration);
    }

    @Override
    protected Iterable<FunctionFactory> getFunctionFactories() {
        return List.of(new AndFunctionFactory(), new EqStrFunctionFactory(), new EqSymStrFunctionFactory(),
                new EqTimestampFunctionFactory(), new LtTimestampFunctionFactory(),
                new CastIntToShortFunctionFactory(), new CastLongToTimestampFunctionFactory(),
                new TimestampFloorFunctionFactory(), new TimestampFloorFromOffsetFunctionFactory(),
                new CountDoubleGroupByFunctionFactory(), new CountVarcharGroupByFunctionFactory(),
                new SumDoubleGroupByFunctionFactory(), new MinDoubleGroupByFunctionFactory(),
                new MaxDoubleGroupByFunctionFactory());
    }
}
