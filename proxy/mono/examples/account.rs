//! Reads one linked account by hand, for trying the client against the real thing or a simulator.
//!
//! ```text
//! MONO_SECRET_KEY=test_sk_… MONO_ACCOUNT_ID=… cargo run -p mono-client --example account
//! ```
//!
//! `MONO_CODE` instead of `MONO_ACCOUNT_ID` exchanges a code first. `MONO_API_URL` and
//! `MONO_API_GENERATION` (`v1`, `v2`) are optional.

use std::time::Duration;

use mono_client::{AccountId, Client, Config, Generation, TransactionsQuery};

#[expect(
    clippy::disallowed_methods,
    reason = "an example has no configuration module"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "this is what the program is for")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let generation = match setting("MONO_API_GENERATION").as_deref() {
        Some("v1") => Generation::V1,
        _ => Generation::V2,
    };
    let api_url = setting("MONO_API_URL").unwrap_or_else(|| "https://api.withmono.com".to_owned());
    let client = Client::new(Config {
        api_url: api_url.parse()?,
        secret_key: setting("MONO_SECRET_KEY")
            .ok_or("MONO_SECRET_KEY is not set")?
            .into(),
        generation,
        timeout: Duration::from_secs(30),
        concurrency: 4,
    })?;
    let id = match (setting("MONO_CODE"), setting("MONO_ACCOUNT_ID")) {
        (Some(code), _) => client.exchange(&code).await?,
        (None, Some(id)) => id.parse::<AccountId>()?,
        (None, None) => return Err("set MONO_CODE or MONO_ACCOUNT_ID".into()),
    };
    println!("account      {id}");
    println!("details      {:#?}", client.account(&id).await?);
    println!("balance      {:?}", client.balance(&id).await?);
    match client
        .transactions(&id, &TransactionsQuery::default())
        .await?
    {
        None => println!("transactions none yet"),
        Some(page) => println!(
            "transactions {:#?}",
            page.rows.iter().take(3).collect::<Vec<_>>()
        ),
    }
    Ok(())
}
