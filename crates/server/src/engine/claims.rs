//! Whose a connection's id is: decided by the store, since two nodes may be given the same new one at the same moment, for
//! lanes that are folded apart.

use crossdock_domain::{ConnectionId, LaneId};
use tokio::sync::oneshot;

use super::{Engine, EngineError};

impl Engine {
    /// Takes an id for a connection of this lane, before anything is kept under it. Whose it is: another lane's, if that was
    /// faster.
    pub async fn claim(
        &self,
        connection: &ConnectionId,
        lane: &LaneId,
    ) -> Result<LaneId, EngineError> {
        let (tell, told) = oneshot::channel();
        let (connection, lane, now) = (connection.clone(), lane.clone(), self.now());
        self.operate(move |store| {
            let owner = store.claim(&connection, &lane, now)?;
            // Whoever asked may have gone away.
            let _ = tell.send(owner);
            Ok(())
        })
        .await?;
        told.await.map_err(|_| EngineError::Stopped)
    }
}
