use crate::harness::Server;

#[tokio::test(flavor = "multi_thread")]
async fn two_people_meet_in_a_room_and_talk() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("Class 9b", 10).await;
    let mut at_ann = ann.join(&room).await;
    let mut at_ben = ben.join(&room).await;
    assert_eq!(at_ann.say("hello").await, 1);
    let heard = at_ben.message().await;
    assert_eq!(heard["message"], "hello");
    assert_eq!(heard["client_name"], at_ann.welcome["you"]["client_name"]);
    assert_eq!(at_ben.say("привет 👋").await, 2);
    assert_eq!(at_ann.message().await["message"], "привет 👋");
}
