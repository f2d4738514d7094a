/// Groups of devices: a tree for each organization, of groups that list their members and of such that hold what a
/// filter accepts. Start reading at `Groups`, then `Memberships`, which has all of it in memory. Uses `core`,
/// `database`, `audit`, `device` and `http`; the alerts are handed in.
package io.iotflow.server.group;
