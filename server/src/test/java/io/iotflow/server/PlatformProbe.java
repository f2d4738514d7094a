package io.iotflow.server;
import java.nio.file.*; import java.time.*; import java.util.*;
public class PlatformProbe { public static void main(String[] a) throws Exception {
  long t=System.nanoTime();
  var c=PlatformConfig.read(Path.of("none.yaml"), Map.of(), Map.of("data.folder",a[0],"http.port","18080","mqtt.port","11883","mqtt.websocket_port","19001"));
  var p=new Platform(c, InstantSource.system());
  System.out.println("up in "+(System.nanoTime()-t)/1_000_000+" ms");
  Runtime.getRuntime().addShutdownHook(new Thread(p::close));
  Thread.currentThread().join();
}}
