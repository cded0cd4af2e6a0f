//! What only the store can decide, since two nodes may be told of the same new thing at the same moment: whose a
//! connection's id is, and which secret is news.

use std::sync::Arc;

use crossdock_domain::{ConnectionId, LaneId};
use crossdock_store::vault::Sealed;
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

    /// Has slots hold these secrets, newest first; what they hold already is not kept again. Whether any was news.
    pub async fn hold_secrets(
        &self,
        wanted: Vec<(String, Vec<Sealed>)>,
    ) -> Result<bool, EngineError> {
        let (tell, told) = oneshot::channel();
        let (key, now) = (Arc::clone(&self.key), self.now());
        self.operate(move |store| {
            let mut is_news = false;
            for (slot, sealed) in &wanted {
                is_news |= store.hold_secrets(slot, sealed, &key, now)?;
            }
            let _ = tell.send(is_news);
            Ok(())
        })
        .await?;
        told.await.map_err(|_| EngineError::Stopped)
    }
}
