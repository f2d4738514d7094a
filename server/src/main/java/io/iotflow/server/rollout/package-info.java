/// Rollouts: firmware that comes to many devices, stage by stage, and stops by itself when too much goes wrong. Start
/// reading at `RolloutLife`, which is pure, then at `RolloutWorker`, which does what it decides. Uses `core`,
/// `database`, `audit`, `http`, `device` and `firmware`.
package io.iotflow.server.rollout;
