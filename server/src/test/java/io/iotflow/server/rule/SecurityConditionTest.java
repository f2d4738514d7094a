package io.iotflow.server.rule;

import org.junit.jupiter.api.Test;

class SecurityConditionTest {

    @Test
    void nothingMovesFasterThanItCan() {
        var story = Story.of("{'type':'movement','above_kmh':200}");
        story.at(0, "latitude", 52.52, "longitude", 13.405).says();
        story.at(3_600, "latitude", 52.52, "longitude", 13.45).says(); // 3 km in an hour
        story.at(7_200, "latitude", 48.137, "longitude", 11.575).says("begun 7200"); // 504 km in an hour
        story.at(7_300, "speed", 3).until(7_400).says();
        story.at(10_800, "latitude", 48.137, "longitude", 11.575).says("ended 10800");
        // What comes without the other one is no position, and a few metres in no time are no movement.
        story.at(10_801, "latitude", 52.52).at(10_802, "latitude", 48.1371, "longitude", 11.575).says();
        story.at(10_802.01, "latitude", 48.1372, "longitude", 11.5751).says();
        var named = Story.of("{'type':'movement','above_kmh':50,'least_m':10,'latitude_metric':'gps.lat',"
                + "'longitude_metric':'gps.lon'}");
        named.at(0, "gps.lat", 0, "gps.lon", 0).at(10, "gps.lat", 0, "gps.lon", 0.001).says(); // 111 m: 40 km/h
        named.at(20, "gps.lat", 0, "gps.lon", 0.003).says("begun 20"); // 222 m: 80 km/h
    }

    @Test
    void clocksAreComparedWithThePlatforms() {
        var story = Story.of("{'type':'clock_skew','beyond':'5m'}");
        story.received(1_000, 999, "t", 1).received(1_010, 711, "t", 1).says();
        story.received(1_020, 720, "t", 1).says("begun 999"); // rules know the measurements' time only
        story.received(1_030, 1_031, "t", 1).says("ended 1031");
        story.received(1_040, 5_000, "t", 1).says("begun 5000");
        story.received(1_050, 1_049, "t", 1).says("ended 5000");
        Story.of("{'type':'clock_skew','beyond':'5m','direction':'ahead'}").received(1_000, 100, "t", 1).says();
        Story.of("{'type':'clock_skew','beyond':'5m','direction':'behind'}").received(1_000, 100, "t", 1)
                .says("begun 100");
        // A replay does not know when something was received.
        Story.of("{'type':'clock_skew','beyond':'5m'}").at(1_000_000, "t", 1).says();
    }

    @Test
    void wrongKeysAreCounted() {
        var story = Story.of("{'type':'credential_failures','at_least':3,'within':'1m'}");
        story.refused(0).refused(50).refused(61).at(62, "t", 1).says();
        story.refused(70).says("begun 70");
        story.refused(71).until(110).says();
        story.until(200).says("ended 121"); // a minute after the last but two
        var both = Story.of("{'type':'all','of':['t > 1',{'type':'credential_failures','at_least':1,'within':'1m'}]}");
        both.refused(1).at(2, "t", 2).says(); // a rule is asked when something is known that it reads
        both.refused(3).says("begun 3");
    }

    @Test
    void everyMessageCountsWhateverItMeasures() {
        var flood = Story.of("{'type':'message_flood','at_least':4,'within':'10s'}");
        flood.received(0, 0, "t", 1).received(1, 0, "t", 1).received(2, -50, "u", 1).says();
        flood.received(3, 3, "t", 1).says("begun 3");
        flood.until(9).says();
        flood.until(20).says("ended 10");
        // What can be replayed counts what has a time of its own.
        var count = Story.of("{'type':'count','of':'true','at_least':3,'within':'1m'}");
        count.received(0, 0, "t", 1).received(1, 1, "u", 1).received(1, 1, "u", 1).says();
        count.received(2, 2, "v", 1).says("begun 2");
    }

    @Test
    void whatIsKnownOfTheDeviceIsSeen() {
        Story.of("versionBefore(device.firmware_version, `1.4.1`)").at(1, "t", 1).says("begun 0");
        Story.of("versionBefore(device.firmware_version, `1.4`)").at(1, "t", 1).says();
        var expiring = Story.certified("hoursSince(device.certificate_expires_at) > -24", 100_000);
        expiring.at(1, "t", 1).until(13_500).says();
        expiring.until(14_000).says("begun 13620");
        Story.certified("device.is_online", 0).at(1, "t", 1).says("begun 0");
        Story.of("device.is_online || device.certificate_expires_at > 0").at(1, "t", 1).says();
        var heard = Story.of("hoursSince(device.last_seen) > 1");
        heard.at(1, "t", 1).until(3_599).says();
        heard.until(4_000).says("begun 3660");
    }
}
