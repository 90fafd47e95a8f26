//! A server that starts, sees that it works, and stops.

use std::sync::Arc;

use super::{StartError, SystemClock, start};
use crate::{
    config::{Config, ListenAddr},
    data_dir::DataDir,
    lifecycle::asked_to_reload,
};

/// Does everything that a start does, the schema and the address included, has storage write and
/// read, and stops again; where it listened. Whoever opens a socket meanwhile is served.
///
/// # Errors
/// [`StartError`], as when the server starts in earnest.
pub fn smoke(config: &Config) -> Result<ListenAddr, StartError> {
    // Whoever owns the data is known before there is a second thread.
    DataDir::make(&config.storage.data_dir)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // Whoever takes it for a server may ask it to read its configuration anew.
        let _hang_up = asked_to_reload()?;
        let running = start(config, Arc::new(SystemClock)).await?;
        let addr = running.addr.clone();
        let probed = running.state.hub.probe().await;
        running.stop().await;
        probed.map_err(|source| StartError::database(config, source))?;
        Ok(addr)
    })
}
