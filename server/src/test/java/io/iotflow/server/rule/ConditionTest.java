package io.iotflow.server.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ConditionTest {

    @Test
    void aThresholdEndsWhereItIsClear() {
        var story = Story.of("{'type':'threshold_high','metric':'t','threshold':30,'clear':28}");
        story.at(1, "t", 30).at(2, "t", 30.5).at(3, "t", 29).at(4, "t", 28).at(5, "t", 29).at(6, "t", 31)
                .says("begun 2", "ended 4", "begun 6");
        Story.of("{'type':'threshold_low','metric':'t','threshold':3,'clear':5}")
                .at(1, "t", 3).at(2, "t", 2.9).at(3, "t", 4).at(4, "t", 5).says("begun 2", "ended 4");
        Story.of("{'type':'threshold_low','metric':'t','threshold':3}").at(1, "u", 1).says();
    }

    @Test
    void aHoldMustHaveElapsed() {
        var story = Story.of("{'type':'threshold_high','metric':'t','threshold':30,'hold':'1m'}");
        story.at(0, "t", 31).at(30, "t", 29).at(40, "t", 31).at(99, "t", 32).says();
        story.at(100, "t", 33).says("begun 100");
        story.at(101, "t", 29).says("ended 101");
    }

    @Test
    void aHoldElapsesThoughNothingIsMeasured() {
        var story = Story.of("{'type':'threshold_high','metric':'t','threshold':30,'hold':'1m'}");
        story.at(10, "t", 31).until(69).says();
        story.until(200).says("begun 70");
        // What comes later than the time when it had elapsed is told of in the order of time.
        Story.of("{'type':'threshold_high','metric':'t','threshold':30,'hold':'1m'}")
                .at(10, "t", 31).at(300, "t", 20).says("begun 70", "ended 300");
        Story.of("{'type':'threshold_high','metric':'t','threshold':30,'hold':'1m'}")
                .at(10, "t", 31).at(70, "t", 20).until(500).says();
    }

    @Test
    void expressionsAreWrittenAsPeopleWriteThem() {
        Story.of("temperature > 30").at(1, "temperature", 31).at(2, "temperature", 30).says("begun 1", "ended 2");
        Story.of("temperature > 30 && humidity < 20").at(1, "temperature", 31).at(2, "humidity", 10)
                .at(3, "temperature", 30).says("begun 2", "ended 3");
        var sigma = Story.of("const avg = metrics.temperature.avg; const std = metrics.temperature.std; "
                + "return current > (avg + 3 * std);");
        var random = new Random(1);
        for (var second = 0; second < 1_000; second++) sigma.at(second, "temperature", 20 + random.nextGaussian() / 4);
        sigma.findings().clear();
        sigma.at(1_000, "temperature", 25).at(1_001, "temperature", 20).says("begun 1000", "ended 1001");
    }

    @Test
    void silenceIsNoticedOnce() {
        var any = Story.of("{'type':'absence','for':'5m'}");
        any.at(0, "t", 1).at(299, "u", 1).until(598).says();
        any.until(599).says("begun 599");
        any.until(2_000).at(2_001, "t", 1).says("ended 2001");
        var one = Story.of("{'type':'absence','metric':'t','for':'5m'}");
        one.at(0, "t", 1).at(299, "u", 1).until(400).says("begun 300");
        one.at(401, "u", 1).says();
        one.at(402, "t", 1).says("ended 402");
        Story.of("{'type':'absence','for':'5m'}").until(1_000).says("begun 300"); // never heard of
    }

    @Test
    void aRateIsBetweenTwoValuesOrOverAWindow() {
        var story = Story.of("{'type':'rate','metric':'t','per':'1m','above':10}");
        story.at(0, "t", 20).at(60, "t", 29).at(120, "t", 40).at(180, "t", 41).says("begun 120", "ended 180");
        var over = Story.of("{'type':'rate','metric':'t','per':'1m','over':'10m','below':-1}");
        for (var minute = 0; minute < 10; minute++) over.at(minute * 60, "t", 50 - 0.5 * minute);
        over.says();
        for (var minute = 10; minute < 20; minute++) over.at(minute * 60, "t", 40 - 3 * minute);
        assertThat(over.findings()).hasSize(1);
    }

    @Test
    void aMeanIsOfWhatCameBefore() {
        var story = Story.of("{'type':'statistical','metric':'t','sigma':3,'window':'1h','minimum':10}");
        for (var second = 0; second < 10; second++) story.at(second, "t", second % 2);
        story.says();
        story.at(10, "t", 2).says(); // 0.5 + 3 × 0.527 = 2.08
        story.at(11, "t", 4).at(12, "t", 0.5).says("begun 11", "ended 12");
        var low = Story.of("{'type':'statistical','metric':'t','direction':'low','minimum':2}");
        low.at(0, "t", 10).at(1, "t", 11).at(2, "t", 10).at(3, "t", 99).says();
        var flat = Story.of("{'type':'statistical','metric':'t','minimum':2}");
        flat.at(0, "t", 5).at(1, "t", 5).at(2, "t", 5).at(3, "t", 5).says();
        flat.at(4, "t", 5.001).says("begun 4");
    }

    @Test
    void oneThingAfterAnother() {
        var story = Story.of("{'type':'sequence','first':'door == \\'open\\'','then':'motion == true','within':'5m'}"
                .replace("\\'", "`"));
        story.at(0, "motion", true).at(1, "door", "open").at(2, "motion", false).at(100, "motion", true)
                .says("begun 100");
        story.at(110, "motion", false).says("ended 110");
        story.at(120, "motion", true).says(); // the door did not open again
        story.at(200, "door", "shut").at(300, "door", "open").at(310, "motion", false).at(601, "motion", true).says();
    }

    @Test
    void oneThingAndNotTheOther() {
        var story = Story.of("{'type':'sequence','first':'door == 1','then':'lock == 1','within':'5m','absent':true}");
        story.at(0, "door", 1).at(100, "lock", 1).until(1_000).says();
        story.at(1_000, "lock", 0, "door", 0).at(1_001, "door", 1).until(1_300).says();
        story.until(1_301).says("begun 1301");
        story.at(1_400, "lock", 1).says("ended 1400");
    }

    @Test
    void soManyTimesWithinATime() {
        var story = Story.of("{'type':'count','of':'code >= 500','at_least':3,'within':'1m'}");
        story.at(0, "code", 500).at(20, "code", 503).at(30, "code", 200).at(59, "code", 502).says("begun 59");
        story.until(100).says("ended 60");
        story.at(120, "code", 500).at(121, "code", 500).says();
        story.at(122, "code", 500).until(300).says("begun 122", "ended 180");
    }

    @Test
    void certainTimesOfTheWeek() {
        var story = Story.of("{'type':'all','of':['t > 1',{'type':'time_window','days':['thu'],'from':'22:00',"
                + "'to':'06:00','zone':'Europe/Berlin'}]}");
        // Thursday 22:00 in Berlin is 21:00 UTC, and Friday 06:00 is 05:00.
        story.at(1_000, "t", 2).until(86_400 * 2).says("begun 75600", "ended 104400");
        story.until(86_400 * 7.5).says(); // Friday's night is none of them
        story.until(86_400 * 8.5).says("begun 680400", "ended 709200");
    }

    @Test
    void whatTheMetadataHas() {
        var rule = "{'name':'r','condition':{'type':'all','of':['t > 1',{'type':'metadata_check','contains':"
                + "{'site':'A','tags':['x']}}]}}";
        Story.rule(rule, "{'site':'A','tags':['y','x'],'more':1}").at(1, "t", 2).says("begun 1");
        Story.rule(rule, "{'site':'B','tags':['x']}").at(1, "t", 2).says();
        Story.rule(rule, "{}").at(1, "t", 2).says();
    }

    @Test
    void andOrNot() {
        var story = Story.of("{'type':'any','of':[{'type':'not','of':'a == 1'},"
                + "{'type':'all','of':['b == 1','c == 1']}]}");
        story.at(1, "a", 1).at(2, "b", 1).says();
        story.at(3, "c", 1).says("begun 3");
        story.at(4, "c", 0).says("ended 4");
        story.at(5, "a", 0).says("begun 5");
    }

    @Test
    void areasAreEnteredLeftAndDweltIn() {
        var circle = "'circle':{'latitude':52.52,'longitude':13.405,'radius_m':1000}";
        var enter = Story.of("{'type':'geofence'," + circle + "}");
        enter.at(1, "latitude", 52.60, "longitude", 13.4).says();
        enter.at(2, "latitude", 52.521, "longitude", 13.406).says("begun 2");
        enter.at(3, "latitude", 52.60, "longitude", 13.4).says("ended 3");
        var leave = Story.of("{'type':'geofence','event':'leave'," + circle + "}");
        leave.at(1, "latitude", 52.60, "longitude", 13.4).says();
        leave.at(2, "latitude", 52.521, "longitude", 13.406).at(3, "latitude", 52.60, "longitude", 13.4)
                .says("begun 3");
        var dwell = Story.of("{'type':'geofence','hold':'10m','polygon':[[0,0],[0,2],[2,2],[2,0]]}");
        dwell.at(0, "latitude", 1, "longitude", 1).until(700).says("begun 600");
        dwell.at(701, "latitude", 1, "longitude", 3).says("ended 701");
    }

    @Test
    void hoursPassByThemselves() {
        var story = Story.of("hoursSince(calibrated_at) > 1");
        story.at(0, "calibrated_at", "2026-01-01T00:00:00Z").until(3_600).says();
        story.until(3_700).says("begun 3660");
    }

    @Test
    void lateAndRepeatedValuesChangeNothing() {
        var story = Story.of("t > 30");
        story.at(10, "t", 31).at(10, "t", 1).at(5, "t", 1).says("begun 10");
        story.at(11, "t", 1).at(10.5, "t", 99).says("ended 11");
    }

    @Test
    void keysTellAlertsOfOneRuleApart() {
        var story = Story.rule("{'name':'r','condition':'code != 0','key':'E${code}'}", "{}");
        story.at(1, "code", 0).at(2, "code", 5).at(3, "code", 5).at(4, "code", 6).at(5, "code", 0)
                .says("begun 2 E5", "ended 4 E5", "begun 4 E6", "ended 5 E6");
    }

    @Test
    void aStateIsSmall() {
        var story = Story.of("{'type':'threshold_high','metric':'t','threshold':30,'clear':28,'hold':'5m'}");
        assertThat(story.state().bytes()).isLessThan(200);
    }
}
